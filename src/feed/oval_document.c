#include <stdlib.h>

#include "base/limits.h"
#include "feed/oval.h"
#include "format/xml.h"

struct reading {
    struct xml xml;
    struct arena *arena;
    struct oval_document *document;
    struct oval_definition *definition; /* that is open, or NULL */
    uint32_t frame;                     /* that is open */
    bool in_frame;
    struct error *err;
};

static int no_room(struct reading *r)
{
    return error_set(r->err, E_LIMIT, "oval: more definitions than one document may hold");
}

static int keep(struct reading *r, struct str text, struct str *ret)
{
    return arena_str(r->arena, str_trim(text), ret) < 0 ? no_room(r) : 0;
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
        if (str_eq(id, d->ids[i]))
            return 0;
    struct str *place = vec_push_raw((void **)&d->ids, &d->ids_count, &d->ids_cap, sizeof *place, r->arena);
    return place ? keep(r, id, place) : no_room(r);
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
    r->in_frame = false;
    return 0;
}

static void end_definition(struct reading *r)
{
    r->definition->count = r->document->criteria.len - r->definition->first;
    r->definition = NULL;
}

/* ---- criteria ---- */

static int begin_frame(struct reading *r)
{
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

/* What a comment says: the tests that it stands for compare patterns with release packages. */
static enum oval_criterion_kind kind_of(struct str comment, struct str *ret)
{
    static const struct str installed = STR_INIT(" is installed"), module = STR_INIT("Module "),
                            enabled = STR_INIT(" is enabled"), arch = STR_INIT(" arch is ");
    *ret = comment;
    if (str_ends(comment, installed)) {
        ret->len -= installed.len;
        return OVAL_PLATFORM;
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
    if (!r->in_frame)
        return 0;
    struct oval_criterion *c = vec_push(&r->document->criteria, r->arena);
    if (!c)
        return no_room(r);
    c->kind = kind_of(str_trim(xml_attribute(&r->xml, "comment")), &text);
    c->frame = r->frame;
    c->test = number_in(r, "test_ref");
    if (c->kind != OVAL_PACKAGE)
        return keep(r, text.len <= ADVISORY_TEXT_MAX ? text : STR(""), &c->text);
    r->document->frames.ptr[r->frame].packages = true;
    return 0;
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
    static const struct str words[] = {STR_INIT("less than"), STR_INIT("less than or equal"),
                                       STR_INIT("greater than")};
    if (!r->document->states.len)
        return;
    struct oval_state *s = &r->document->states.ptr[r->document->states.len - 1];
    s->operation = OVAL_OTHER;
    for (int i = 0; i < 3; i++)
        if (str_eq(xml_attribute(&r->xml, "operation"), words[i]))
            s->operation = (unsigned)i;
}

/* ---- the document ---- */

static int opened(struct reading *r)
{
    const struct xml *x = &r->xml;
    if (xml_is(x, "definition"))
        return begin_definition(r);
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

static int closed(struct reading *r)
{
    const struct xml *x = &r->xml;
    struct oval_document *d = r->document;
    if (r->definition) {
        if (xml_is(x, "definition"))
            end_definition(r);
        else if (xml_is(x, "criteria"))
            end_frame(r);
        else if (xml_is(x, "severity"))
            r->definition->severity = severity_of(str_trim(x->content));
        else if (xml_is(x, "title"))
            return keep(r, x->content, &r->definition->title);
        return 0;
    }
    bool fits = x->content.len <= ADVISORY_TEXT_MAX;
    if (fits && xml_is(x, "name") && d->objects.len)
        return keep(r, x->content, &d->objects.ptr[d->objects.len - 1].name);
    if (fits && xml_is(x, "evr") && d->states.len)
        return keep(r, x->content, &d->states.ptr[d->states.len - 1].evr);
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

int oval_document_read(struct reader *in, struct arena *arena, struct oval_document *ret, struct error *err)
{
    struct reading r = {.arena = arena, .document = ret, .err = err};
    int rc;
    *ret = (struct oval_document){0};
    xml_open(&r.xml, in, err);
    while ((rc = xml_next(&r.xml)) > 0) {
        if (r.xml.depth == 1 && rc == XML_OPEN && !xml_is(&r.xml, "oval_definitions"))
            rc = error_set(err, E_BAD_INPUT, "oval: the document has no definitions");
        else
            rc = rc == XML_OPEN ? opened(&r) : closed(&r);
        if (rc < 0)
            break;
    }
    xml_close(&r.xml);
    sort(ret->tests.ptr, ret->tests.len, sizeof *ret->tests.ptr);
    sort(ret->objects.ptr, ret->objects.len, sizeof *ret->objects.ptr);
    sort(ret->states.ptr, ret->states.len, sizeof *ret->states.ptr);
    return rc;
}
