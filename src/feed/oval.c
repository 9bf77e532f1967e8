#include "feed/oval.h"

#include "base/limits.h"
#include "base/memory.h"
#include "version/version.h"

struct oval {
    const struct oval_source *source;
    const struct version_scheme *scheme;
    struct feed_sink *sink;
    struct error *err;
    struct arena arena;
    struct oval_document document;
    struct buf namespace, packed;
};

static int tell(struct oval *o, const struct oval_definition *d, const char *text)
{
    char shown[ADVISORY_TEXT_MAX + 1];
    str_printable(d->title, shown, sizeof shown);
    return o->sink->problem ? o->sink->problem(o->sink, str_of(shown), text, o->err) : 0;
}

/* ---- looking up ---- */

/* Where `id` is among elements that begin with theirs, ascending; NULL: nowhere. */
static const void *find(const void *ptr, size_t len, size_t size, uint64_t id)
{
    size_t low = 0, high = len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const uint64_t *at = (const void *)((const char *)ptr + middle * size);
        if (*at == id)
            return at;
        if (*at < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* What a package's criterion compares. */
static bool look_up(const struct oval *o, uint64_t test, const struct oval_object **object,
                    const struct oval_state **state)
{
    const struct oval_document *d = &o->document;
    const struct oval_test *t = find(d->tests.ptr, d->tests.len, sizeof *t, test);
    *object = t ? find(d->objects.ptr, d->objects.len, sizeof **object, t->object) : NULL;
    *state = t ? find(d->states.ptr, d->states.len, sizeof **state, t->state) : NULL;
    return *object && *state && (*object)->name.len && (*state)->evr.len && (*state)->operation != OVAL_OTHER;
}

static bool is_above(const struct oval *o, uint32_t above, uint32_t frame)
{
    const struct oval_frame *frames = o->document.frames.ptr;
    while (frame != above && frames[frame].parent != frame)
        frame = frames[frame].parent;
    return frame == above;
}

/* Whether what `context` says, of platform, architecture or module, holds for a package: it stands beside it or beside what
   holds it, alone or in a list of its likes. */
static bool holds_for(const struct oval *o, const struct oval_criterion *context,
                      const struct oval_criterion *package)
{
    const struct oval_frame *frame = &o->document.frames.ptr[context->frame];
    return is_above(o, context->frame, package->frame) ||
           (!frame->packages && is_above(o, frame->parent, package->frame));
}

/* ---- rows ---- */

static struct str without_zero_epoch(struct str evr)
{
    return str_starts(evr, STR("0:")) ? str_skip(evr, 2) : evr;
}

static int give(struct oval *o, const struct oval_definition *d, struct str package, struct advisory *a)
{
    buf_clear(&o->packed);
    a->severity = d->severity;
    for (size_t i = 0; i < d->ids_count; i++) {
        a->id = d->ids[i];
        advisory_pack(&o->packed, a);
    }
    const struct advisory_row row = {buf_str(&o->namespace), package, (uint32_t)d->ids_count,
                                     buf_str(&o->packed)};
    int rc = buf_finish(&o->packed, "oval: advisories of one definition", o->err);
    return rc < 0 ? rc : o->sink->row(o->sink, &row, o->err);
}

static int on_platform(struct oval *o, const struct oval_definition *d, struct str platform,
                       const struct oval_object *object, const struct oval_state *state, struct advisory *a)
{
    struct str evr = without_zero_epoch(state->evr);
    buf_clear(&o->namespace);
    if (!o->source->namespace(platform, evr, &o->namespace))
        return 0;
    a->status = ADVISORY_AFFECTED;
    if (state->operation == OVAL_LESS) {
        a->status = ADVISORY_FIXED;
        a->fixed_version = evr;
    } else if (state->operation == OVAL_LESS_OR_EQUAL) {
        a->last_affected = evr;
    }
    return o->scheme->valid(evr) ? give(o, d, object->name, a) : tell(o, d, "an evr that is none");
}

static int package_give(struct oval *o, const struct oval_definition *d, const struct oval_criterion *package)
{
    const struct oval_criterion *first = o->document.criteria.ptr + d->first;
    const struct oval_object *object;
    const struct oval_state *state;
    struct advisory a = {0};
    bool named = false;
    int rc = 0;
    if (!look_up(o, package->test, &object, &state))
        return 0; /* a signature, or what is no package */
    for (size_t i = 0; i < d->count; i++)
        if (first[i].kind != OVAL_PACKAGE && holds_for(o, &first[i], package)) {
            if (first[i].kind == OVAL_ARCH)
                a.arches = first[i].text;
            else if (first[i].kind == OVAL_MODULE)
                a.module = first[i].text;
        }
    for (size_t i = 0; i < d->count && rc == 0; i++)
        if (first[i].kind == OVAL_PLATFORM && holds_for(o, &first[i], package)) {
            named = true;
            rc = on_platform(o, d, first[i].text, object, state, &a);
        }
    return rc < 0 || named ? rc : on_platform(o, d, STR(""), object, state, &a);
}

/* Under its CVEs; where there are none, under the first word of its title, "ELSA-2024-1". */
static int definition_give(struct oval *o, struct oval_definition *d)
{
    struct str rest = d->title, name = str_cut(&rest, ' ');
    while (name.len && (name.ptr[name.len - 1] == ':' || name.ptr[name.len - 1] == '\n'))
        name.len--;
    if (!d->ids_count) {
        if (!name.len || name.len > ADVISORY_TEXT_MAX)
            return tell(o, d, "a definition without a name");
        /* cppcheck-suppress autoVariables ; read below only */
        d->ids = &name;
        d->ids_count = 1;
    }
    int rc = 0;
    for (size_t i = 0; i < d->count && rc == 0; i++)
        if (o->document.criteria.ptr[d->first + i].kind == OVAL_PACKAGE)
            rc = package_give(o, d, &o->document.criteria.ptr[d->first + i]);
    return rc;
}

int oval_parse(const struct feed *feed, const struct oval_source *source, struct reader *in,
               struct feed_sink *sink, struct error *err)
{
    struct oval o = {
        .source = source,
        .scheme = version_scheme_find(str_of(feed->scheme)),
        .sink = sink,
        .err = err,
        .arena = arena_make(OVAL_MEMORY_MAX),
        .namespace = buf_make(KIB(1)),
        .packed = buf_make(ADVISORY_ROW_MAX),
    };
    int rc = oval_document_read(in, &o.arena, &o.document, err);
    if (rc == 0 && !o.document.definitions.len)
        rc = error_set(err, E_BAD_INPUT, "oval: the document has no definitions");
    vec_each (&o.document.definitions, d)
        if (rc == 0)
            rc = definition_give(&o, d);
    buf_done(&o.namespace);
    buf_done(&o.packed);
    arena_done(&o.arena);
    return rc;
}
