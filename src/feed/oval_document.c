#include <stdlib.h>

#include "base/map.h"
#include "feed/oval.h"
#include "format/xml.h"

struct reading {
    struct xml xml;
    const struct oval_source *source;
    struct arena *arena;
    struct oval_document *document;
    struct map numbers;                 /* text → its number + 1 */
    struct oval_definition *definition; /* that is open, or NULL */
    uint32_t frame;                     /* that is open */
    bool in_frame;
    bool passed_over;                /* the definition that is open says nothing of flaws */
    enum advisory_status resolution; /* that is open */
    enum severity impact;            /* of the CVE that is open */
    struct error *err;
};

static int no_room(struct reading *r)
{
    return error_set(r->err, E_LIMIT, "oval: more definitions than one document may hold");
}

static int keep(struct reading *r, struct str text, size_t max, struct str *ret)
{
    text = str_trim(text);
    text.len = text.len < max ? text.len : max;
    return arena_str(r->arena, text, ret) < 0 ? no_room(r) : 0;
}

/* The number of a text; what is longer than an advisory's may be is none. */
static int number_text(struct reading *r, struct str text, uint32_t *ret)
{
    text = str_trim(text);
    if (text.len > ADVISORY_TEXT_MAX)
        text = STR("");
    uintptr_t known = (uintptr_t)map_get(&r->numbers, text);
    struct str *kept = known ? NULL : vec_push(&r->document->texts, r->arena);
    void **place = kept && arena_str(r->arena, text, kept) == 0 ? map_at(&r->numbers, *kept) : NULL;
    if (place)
        *place = (void *)(known = (uintptr_t)r->document->texts.len);
    if (!known)
        return no_room(r);
    *ret = (uint32_t)(known - 1);
    return 0;
}

/* The number at the end of "oval:com.oracle.elsa:tst:20070057001"; what has none is 0, which is nothing's. */
static uint64_t number_of(struct str id)
{
    uint64_t n = 0;
    return str_u64(str_skip(id, str_find_last(id, ':') + 1), UINT64_MAX, &n) < 0 ? 0 : n;
}

static uint64_t number_in(const struct reading *r, const char *attribute)
{
    return number_of(xml_attribute(&r->xml, attribute));
}

/* ---- definitions ---- */

static int add_id(struct reading *r, struct str id)
{
    struct oval_definition *d = r->definition;
    for (size_t i = 0; i < d->ids_count; i++)
        if (str_eq(id, d->ids[i].id))
            return 0;
    struct oval_id *place =
        vec_push_raw((void **)&d->ids, &d->ids_count, &d->ids_cap, sizeof *place, r->arena);
    if (!place)
        return no_room(r);
    *place = (struct oval_id){.rated = false};
    return keep(r, id, ADVISORY_TEXT_MAX, &place->id);
}

/* <cve impact="moderate">CVE-2024-1</cve>, behind the references that name it. */
static void rate_id(struct reading *r)
{
    struct oval_definition *d = r->definition;
    struct str id = str_trim(r->xml.content);
    for (size_t i = 0; i < d->ids_count; i++)
        if (str_eq(id, d->ids[i].id) && r->impact != SEVERITY_UNKNOWN) {
            d->ids[i].rated = true;
            d->ids[i].severity = r->impact;
        }
}

static int add_resolution(struct reading *r, struct str component)
{
    struct oval_resolution *place = vec_push(&r->document->resolutions, r->arena);
    if (!place)
        return no_room(r);
    place->status = r->resolution;
    r->definition->resolutions_count++;
    return number_text(r, component, &place->component);
}

/* What Red Hat says beside the criteria. */
static void opened_of_redhat(struct reading *r)
{
    if (xml_is(&r->xml, "resolution"))
        r->resolution = r->source->resolution(xml_attribute(&r->xml, "state"));
    else if (xml_is(&r->xml, "cve"))
        r->impact = severity_of(xml_attribute(&r->xml, "impact"));
}

static int closed_of_redhat(struct reading *r)
{
    if (xml_is(&r->xml, "cve"))
        rate_id(r);
    if (xml_is(&r->xml, "component"))
        return add_resolution(r, r->xml.content);
    return xml_is(&r->xml, "resolution") ? add_resolution(r, STR("")) : 0;
}

/* "CVE-2024-1" or "Mitre CVE-2024-1". */
static int reference(struct reading *r)
{
    struct str id = xml_attribute(&r->xml, "ref_id");
    id = str_skip(id, str_find_last(id, ' ') < id.len ? str_find_last(id, ' ') + 1 : 0);
    return str_starts(id, STR("CVE-")) && id.len <= ADVISORY_TEXT_MAX ? add_id(r, id) : 0;
}

static int begin_definition(struct reading *r)
{
    r->definition = vec_push(&r->document->definitions, r->arena);
    if (!r->definition)
        return no_room(r);
    r->definition->first = r->document->criteria.len;
    r->definition->resolutions_first = r->document->resolutions.len;
    r->definition->kernel = OVAL_TEXTS_MAX;
    r->passed_over =
        r->source->passed_over && str_has(xml_attribute(&r->xml, "id"), str_of(r->source->passed_over));
    r->definition->vulnerability = str_eq(xml_attribute(&r->xml, "class"), STR("vulnerability"));
    r->in_frame = false;
    return 0;
}

static void end_definition(struct reading *r)
{
    r->document->definitions.len -= r->passed_over;
    r->definition->count = r->document->criteria.len - r->definition->first;
    r->definition = NULL;
}

/* ---- criteria ---- */

static int begin_frame(struct reading *r)
{
    if (r->passed_over)
        return 0;
    struct oval_frame *f = vec_push(&r->document->frames, r->arena);
    if (!f)
        return no_room(r);
    uint32_t index = (uint32_t)(r->document->frames.len - 1);
    f->parent = r->in_frame ? r->frame : index;
    r->frame = index;
    r->in_frame = true;
    return 0;
}

static void end_frame(struct reading *r)
{
    if (!r->in_frame)
        return;
    uint32_t parent = r->document->frames.ptr[r->frame].parent;
    r->in_frame = parent != r->frame;
    r->document->frames.ptr[parent].packages |= r->document->frames.ptr[r->frame].packages;
    r->frame = parent;
}

static bool is_platform(const struct reading *r, struct str name)
{
    const char *const *prefix = r->source->platforms;
    for (; prefix && *prefix; prefix++)
        if (str_starts(name, str_of(*prefix)))
            return true;
    return !r->source->platforms;
}

/* What a comment says: the tests that it stands for compare patterns with release packages. */
static enum oval_criterion_kind kind_of(const struct reading *r, struct str comment, struct str *ret)
{
    static const struct str installed = STR_INIT(" is installed"), module = STR_INIT("Module "),
                            enabled = STR_INIT(" is enabled"), arch = STR_INIT(" arch is ");
    *ret = comment;
    if (str_ends(comment, installed)) {
        ret->len -= installed.len;
        return is_platform(r, *ret) ? OVAL_PLATFORM : OVAL_PACKAGE;
    }
    if (str_starts(comment, module) && str_ends(comment, enabled)) {
        *ret = str_skip(comment, module.len);
        ret->len -= ret->len < enabled.len ? ret->len : enabled.len;
        return OVAL_MODULE;
    }
    for (struct str rest = comment; rest.len; rest = str_skip(rest, 1))
        if (str_starts(rest, arch)) {
            *ret = str_skip(rest, arch.len);
            return OVAL_ARCH;
        }
    return OVAL_PACKAGE;
}

static int criterion(struct reading *r)
{
    struct str text;
    uint32_t number = 0;
    if (!r->in_frame)
        return 0;
    struct oval_criterion *c = vec_push(&r->document->criteria, r->arena);
    if (!c)
        return no_room(r);
    c->kind = kind_of(r, str_trim(xml_attribute(&r->xml, "comment")), &text);
    c->frame = r->frame;
    c->test = number_in(r, "test_ref");
    if (c->kind == OVAL_PACKAGE) {
        r->document->frames.ptr[r->frame].packages = true;
        return 0;
    }
    int rc = number_text(r, text, &number);
    c->text = number & (OVAL_TEXTS_MAX - 1);
    return rc;
}

/* ---- tests, objects, states ---- */

static int begin_test(struct reading *r)
{
    struct oval_test *t = vec_push(&r->document->tests, r->arena);
    if (!t)
        return no_room(r);
    t->id = number_in(r, "id");
    return 0;
}

static void of_test(struct reading *r, const char *attribute, bool object)
{
    if (!r->document->tests.len)
        return;
    struct oval_test *t = &r->document->tests.ptr[r->document->tests.len - 1];
    *(object ? &t->object : &t->state) = number_in(r, attribute);
}

static int begin_object(struct reading *r)
{
    struct oval_object *o = vec_push(&r->document->objects, r->arena);
    if (!o)
        return no_room(r);
    o->id = number_in(r, "id");
    return 0;
}

static int begin_state(struct reading *r)
{
    struct oval_state *s = vec_push(&r->document->states, r->arena);
    if (!s)
        return no_room(r);
    s->id = number_in(r, "id");
    return 0;
}

static void begin_evr(struct reading *r)
{
    static const struct str words[] = {[OVAL_LESS] = STR_INIT("less than"),
                                       [OVAL_LESS_OR_EQUAL] = STR_INIT("less than or equal"),
                                       [OVAL_GREATER] = STR_INIT("greater than"),
                                       [OVAL_EQUALS] = STR_INIT("equals")};
    if (!r->document->states.len)
        return;
    struct oval_state *s = &r->document->states.ptr[r->document->states.len - 1];
    s->operation = OVAL_OTHER;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(xml_attribute(&r->xml, "operation"), words[i]))
            s->operation = (enum oval_operation)i;
}

/* Whether the words have all architectures that there are. */
static bool has_all(const struct oval_source *source, struct str words)
{
    for (const char *const *arch = source->arches; arch && *arch; arch++)
        if (!str_has_word(words, str_of(*arch)))
            return false;
    return source->arches;
}

/* "(aarch64|x86_64)" as words; a pattern that is more than such a list is taken for none. */
static int arches(struct reading *r, struct str pattern, uint32_t *ret)
{
    char words[ADVISORY_TEXT_MAX];
    size_t len = 0;
    pattern = str_trim(pattern);
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (len == sizeof words || !(word || strchr("(|)", c)) || !c)
            return 0;
        if (word || c == '|')
            words[len++] = word ? c : ' ';
    }
    const struct str list = {words, len};
    return has_all(r->source, list) ? 0 : number_text(r, list, ret);
}

/* ---- the document ---- */

static int opened(struct reading *r)
{
    const struct xml *x = &r->xml;
    if (xml_is(x, "definition"))
        return begin_definition(r);
    if (r->definition && r->source->resolution)
        opened_of_redhat(r);
    if (r->definition)
        return xml_is(x, "reference")   ? reference(r)
               : xml_is(x, "criteria")  ? begin_frame(r)
               : xml_is(x, "criterion") ? criterion(r)
                                        : 0;
    if (xml_is(x, "rpminfo_test"))
        return begin_test(r);
    if (xml_is(x, "rpminfo_object"))
        return begin_object(r);
    if (xml_is(x, "rpminfo_state"))
        return begin_state(r);
    if (xml_is(x, "object"))
        of_test(r, "object_ref", true);
    else if (xml_is(x, "state"))
        of_test(r, "state_ref", false);
    else if (xml_is(x, "evr"))
        begin_evr(r);
    return 0;
}

static int closed_in_definition(struct reading *r)
{
    const struct xml *x = &r->xml;
    struct oval_definition *d = r->definition;
    int rc = r->source->resolution ? closed_of_redhat(r) : 0;
    if (rc < 0)
        return rc;
    if (xml_is(x, "definition"))
        end_definition(r);
    else if (xml_is(x, "criteria"))
        end_frame(r);
    else if (xml_is(x, "severity"))
        d->severity = severity_of(str_trim(x->content));
    else if (xml_is(x, "title"))
        return keep(r, x->content, ADVISORY_TEXT_MAX, &d->title);
    else if (xml_is(x, "description") && d->vulnerability) /* who cuts it has to see where a character ends */
        return keep(r, x->content, FEED_DESCRIPTION_MAX + 4, &d->description);
    return 0;
}

static int closed(struct reading *r)
{
    const struct xml *x = &r->xml;
    struct oval_document *d = r->document;
    if (r->definition)
        return closed_in_definition(r);
    if (xml_is(x, "name") && d->objects.len)
        return number_text(r, x->content, &d->objects.ptr[d->objects.len - 1].name);
    if (xml_is(x, "evr") && d->states.len)
        return number_text(r, x->content, &d->states.ptr[d->states.len - 1].evr);
    if (xml_is(x, "arch") && d->states.len)
        return arches(r, x->content, &d->states.ptr[d->states.len - 1].arches);
    return 0;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort(void *ptr, size_t len, size_t size)
{
    if (len)
        qsort(ptr, len, size, by_number); /* each begins with its id */
}

int oval_document_read(struct reader *in, const struct oval_source *source, struct arena *arena,
                       struct oval_document *ret, struct error *err)
{
    struct reading r = {
        .source = source, .arena = arena, .document = ret, .numbers = map_make(arena), .err = err};
    uint32_t nothing;
    *ret = (struct oval_document){0};
    xml_open(&r.xml, in, err);
    int rc = number_text(&r, STR(""), &nothing);
    while (rc >= 0 && (rc = xml_next(&r.xml)) > 0) {
        if (r.xml.depth == 1 && rc == XML_OPEN && !xml_is(&r.xml, "oval_definitions"))
            rc = error_set(err, E_BAD_INPUT, "oval: the document has no definitions");
        else
            rc = rc == XML_OPEN ? opened(&r) : closed(&r);
    }
    xml_close(&r.xml);
    sort(ret->tests.ptr, ret->tests.len, sizeof *ret->tests.ptr);
    sort(ret->objects.ptr, ret->objects.len, sizeof *ret->objects.ptr);
    sort(ret->states.ptr, ret->states.len, sizeof *ret->states.ptr);
    return rc;
}
