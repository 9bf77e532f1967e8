/* var/lib/chisel/manifest.wall: what Canonical's chisel has cut into an image without dpkg. Lines of JSON behind zstd, the first of which
   is a header: {"jsonwall":"1.0",…}, {"kind":"package","name":"libc6","version":"2.39-0ubuntu8","arch":"amd64",…}, and others about
   slices, paths and contents. https://github.com/canonical/chisel */
#include "base/limits.h"
#include "detect/detector.h"
#include "format/json.h"
#include "stream/decompress.h"
#include "stream/lines.h"
#include "stream/memory.h"

extern const struct detector chisel_detector;

/* Texts of one line, in the file's memory. */
struct line {
    struct str kind, name, version, arch;
};

static int line_read(struct json *j, struct arena *arena, struct line *l)
{
    static const struct str names[] = {STR_INIT("kind"), STR_INIT("name"), STR_INIT("version"),
                                       STR_INIT("arch")};
    struct str *const texts[] = {&l->kind, &l->name, &l->version, &l->arch};
    struct str key, text;
    int rc = json_object(j);
    while (rc > 0 && (rc = json_key(j, &key)) > 0)
        for (size_t i = 0; i < 4 && rc > 0; i++)
            if (str_eq(key, names[i])) {
                rc = json_string(j, &text);
                if (rc > 0 && arena_str(arena, text, texts[i]) < 0)
                    rc = json_fail(j, "more than one line may have");
                rc = rc < 0 ? rc : 1;
                break;
            }
    return rc < 0 ? rc : json_end(j);
}

static int take_line(struct detection *d, uint64_t offset, struct str text)
{
    struct arena arena = arena_make(2 * (size_t)LINE_HEAD_MAX + ARENA_BLOCK);
    struct line l = {0};
    struct memory_reader m;
    struct error err = {0};
    struct json j;
    json_open(&j, memory_reader_init(&m, text, 0, &err), &err);
    int rc = line_read(&j, &arena, &l);
    json_close(&j);
    if (rc < 0) {
        rc = detection_problem(d, offset, err.text);
    } else if (str_eq(l.kind, STR("package"))) {
        struct package p = {.type = PACKAGE_DEB, .name = l.name, .version = l.version, .arch = l.arch};
        rc = detection_package(d, offset, &p);
    }
    arena_done(&arena);
    return rc;
}

/* Only lines that can be about packages are looked into. */
static int lines_read(struct detection *d, struct reader *plain)
{
    struct lines lines = lines_make(plain);
    struct str line;
    int rc = lines_next(&lines, &line);
    if (rc >= 0 && (rc == 0 || !str_has(line, STR("\"jsonwall\""))))
        return error_set(d->err, E_BAD_INPUT, "chisel: no manifest, its first line is no header");
    while (rc >= 0 && (rc = lines_next(&lines, &line)) > 0)
        if (str_has(line, STR("\"package\"")))
            rc = take_line(d, lines.offset, line);
    return rc == 0 && lines.unterminated ? detection_cut(d, lines.offset) : rc;
}

static int chisel_file(struct detection *d, struct reader *body)
{
    struct reader *plain = NULL;
    int rc = decompress_open(&plain, body, CHISEL_UNPACKED_MAX, d->err);
    if (rc == 0)
        rc = lines_read(d, plain);
    reader_close(plain);
    return rc;
}

const struct detector chisel_detector = {
    .name = "chisel",
    .version = 1,
    .packages = true,
    .doubt = "chisel's manifest does not tell from which sources its packages are built, and Ubuntu's "
             "advisories name sources: flaws of "
             "packages whose source has another name are not seen",
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("var/lib/chisel/manifest.wall"), CHISEL_MANIFEST_MAX},
                                   {.how = WANT_NONE}},
    .file = chisel_file,
};
