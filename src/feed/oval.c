#include "feed/oval.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "version/version.h"

/* What is to be told of one package in one namespace. */
struct output {
    struct str namespace;
    struct buf packed;
    uint32_t count;
    size_t last; /* where the records of the last criterion begin */
};

struct oval {
    const struct oval_source *source;
    const struct version_scheme *scheme;
    struct feed_sink *sink;
    struct error *err;
    struct arena arena;
    struct oval_document document;
    uint32_t *order; /* criteria by the package that they are about */
    size_t ordered;
    VEC(struct str) contexts; /* what holds for packages of a frame: see put_context() */
    struct map numbers;       /* of contexts: their places + 1 */
    struct output outputs[OVAL_NAMESPACES_MAX];
    size_t outputs_count;
    struct buf names, scratch;
};

static int no_room(struct oval *o)
{
    return error_set(o->err, E_LIMIT, "oval: more definitions than one document may hold");
}

static int tell(struct oval *o, const struct oval_definition *d, const char *text)
{
    char shown[ADVISORY_TEXT_MAX + 1];
    str_printable(d->title, shown, sizeof shown);
    return o->sink->problem ? o->sink->problem(o->sink, str_of(shown), text, o->err) : 0;
}

/* In the place of a state: the package has the flaw in any version. */
#define ANY_VERSION UINT64_MAX

static struct str text_of(const struct oval *o, uint64_t number)
{
    return o->document.texts.ptr[number];
}

/* ---- packages of criteria ---- */

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

/* A package's criterion gets the number of the package's name for its text, and that of the state for its test; the text is
   0 where it is about a signature, or what is no package. One without a state is about any version. */
static void link_criterion(const struct oval *o, struct oval_definition *definition, struct oval_criterion *c)
{
    const struct oval_document *d = &o->document;
    const struct oval_test *t = find(d->tests.ptr, d->tests.len, sizeof *t, c->test);
    const struct oval_object *object =
        t ? find(d->objects.ptr, d->objects.len, sizeof *object, t->object) : NULL;
    const struct oval_state *state = t ? find(d->states.ptr, d->states.len, sizeof *state, t->state) : NULL;
    bool installed = o->source->resolution && object && !t->state;
    bool judges = object && state && state->evr && state->operation != OVAL_OTHER;
    c->text = judges || installed ? object->name & (OVAL_TEXTS_MAX - 1) : 0;
    c->test = judges ? (uint64_t)(state - d->states.ptr) : ANY_VERSION;
    if (c->text && o->source->part && o->source->part(text_of(o, c->text)) == OVAL_KERNEL)
        definition->kernel = judges ? state->evr : 0;
}

/* Criteria of packages, by name in the order of the names' numbers, else in that of the document. */
static int order_criteria(struct oval *o)
{
    const struct oval_document *d = &o->document;
    uint32_t *starts = arena_array(&o->arena, uint32_t, d->texts.len + 1);
    o->order = arena_array(&o->arena, uint32_t, d->criteria.len + 1);
    if (!starts || !o->order)
        return no_room(o);
    vec_each (&o->document.definitions, definition)
        for (size_t i = definition->first; i < definition->first + definition->count; i++) {
            struct oval_criterion *c = &o->document.criteria.ptr[i];
            if (c->kind != OVAL_PACKAGE)
                continue;
            link_criterion(o, definition, c);
            starts[c->text + 1] += c->text != 0;
        }
    for (size_t i = 1; i <= d->texts.len; i++)
        starts[i] += starts[i - 1];
    vec_each (&d->criteria, c)
        if (c->kind == OVAL_PACKAGE && c->text)
            o->order[starts[c->text]++] = (uint32_t)(c - d->criteria.ptr);
    o->ordered = starts[d->texts.len];
    return 0;
}

/* The definition that a criterion is of. */
static struct oval_definition *definition_of(const struct oval *o, uint32_t criterion)
{
    size_t low = 0, high = o->document.definitions.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(o->document.definitions.ptr[middle].first <= criterion ? &low : &high) = middle;
    }
    return &o->document.definitions.ptr[low];
}

/* ---- what holds for the packages of a frame ---- */

static bool is_above(const struct oval *o, uint32_t above, uint32_t frame)
{
    const struct oval_frame *frames = o->document.frames.ptr;
    while (frame != above && frames[frame].parent != frame)
        frame = frames[frame].parent;
    return frame == above;
}

/* Whether what `context` says, of platform, architecture or module, holds for packages of a frame: it stands beside them or
   beside what holds them, alone or in a list of its likes. */
static bool holds_for(const struct oval *o, const struct oval_criterion *context, uint32_t packages)
{
    const struct oval_frame *frame = &o->document.frames.ptr[context->frame];
    return is_above(o, context->frame, packages) ||
           (!frame->packages && is_above(o, frame->parent, packages));
}

/* The place of a namespace among those that have been named. */
static int number_namespace(struct oval *o, struct str namespace, uint32_t *ret)
{
    for (*ret = 0; *ret < o->outputs_count; ++*ret)
        if (str_eq(o->outputs[*ret].namespace, namespace))
            return 0;
    if (o->outputs_count == OVAL_NAMESPACES_MAX)
        return error_set(o->err, E_LIMIT, "oval: more than %d namespaces", OVAL_NAMESPACES_MAX);
    struct output *out = &o->outputs[o->outputs_count++];
    out->packed = buf_make(ADVISORY_ROW_MAX);
    return arena_str(&o->arena, namespace, &out->namespace) < 0 ? no_room(o) : 0;
}

enum { PLACES_MAX = 2 * OVAL_NAMESPACES_MAX };

/* Namespaces, each with a bit for a fix that only subscribers get; one that is for everybody wins. */
struct places {
    uint32_t places[OVAL_NAMESPACES_MAX];
    size_t count;
};

static void add_place(struct places *p, uint32_t namespace, bool subscribers)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->places[i] >> 1 == namespace) {
            p->places[i] &= subscribers ? UINT32_MAX : ~1U;
            return;
        }
    p->places[p->count++] = namespace << 1 | subscribers;
}

static int add_places(struct oval *o, struct str platform, struct str evr, struct places *p)
{
    buf_clear(&o->names);
    enum oval_audience whom = o->source->namespaces(platform, evr, &o->names);
    struct str rest = whom == OVAL_NOBODY || o->names.failed ? STR("") : buf_str(&o->names);
    while (rest.len) {
        uint32_t number;
        int rc = number_namespace(o, str_cut(&rest, ' '), &number);
        if (rc < 0)
            return rc;
        add_place(p, number, whom == OVAL_SUBSCRIBERS);
    }
    return 0;
}

/* Architectures, module, whether platforms are named, places: numbers, which are equal for most frames. */
static int put_context(struct oval *o, const struct oval_definition *d, uint32_t frame, struct buf *b)
{
    const struct oval_criterion *first = o->document.criteria.ptr + d->first;
    struct places places = {.count = 0};
    uint32_t arches = 0, module = 0;
    bool named = false;
    int rc = 0;
    for (size_t i = 0; i < d->count && rc == 0; i++) {
        if (first[i].kind == OVAL_PACKAGE || !holds_for(o, &first[i], frame))
            continue;
        if (first[i].kind == OVAL_ARCH)
            arches = first[i].text;
        else if (first[i].kind == OVAL_MODULE)
            module = first[i].text;
        else
            rc = add_places(o, text_of(o, first[i].text), STR(""), &places);
        named |= first[i].kind == OVAL_PLATFORM;
    }
    wire_put_num(b, arches);
    wire_put_num(b, module);
    wire_put_num(b, named);
    for (size_t i = 0; i < places.count; i++)
        wire_put_num(b, places.places[i]);
    return rc < 0 ? rc : buf_finish(b, "oval: the platforms of one definition", o->err);
}

static int context_of(struct oval *o, const struct oval_definition *d, uint32_t frame, struct str *ret)
{
    uint32_t *number = &o->document.frames.ptr[frame].context;
    if (!*number) {
        buf_clear(&o->scratch);
        int rc = put_context(o, d, frame, &o->scratch);
        if (rc < 0)
            return rc;
        *number = (uint32_t)(uintptr_t)map_get(&o->numbers, buf_str(&o->scratch));
    }
    if (!*number) {
        struct str *kept = vec_push(&o->contexts, &o->arena);
        if (!kept || arena_str(&o->arena, buf_str(&o->scratch), kept) < 0)
            return no_room(o);
        void **place = map_at(&o->numbers, *kept);
        if (!place)
            return no_room(o);
        *number = (uint32_t)o->contexts.len;
        *place = (void *)(uintptr_t)*number;
    }
    *ret = o->contexts.ptr[*number - 1];
    return 0;
}

/* ---- rows ---- */

struct record {
    struct str id, packed;
};

/* By id, else as they stand. */
static int by_id(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    int r = str_cmp(x->id, y->id);
    return r ? r : (x->packed.ptr > y->packed.ptr) - (x->packed.ptr < y->packed.ptr);
}

/* The records of an id come one after the other: what they come to is decided together. */
static int order_records(struct oval *o, struct output *out)
{
    struct arena arena = arena_make(OVAL_MEMORY_MAX);
    struct record *records = arena_array(&arena, struct record, out->count + 1);
    char *packed = arena_alloc(&arena, out->packed.len + 1, 1);
    struct wire w = wire_make(buf_str(&out->packed));
    struct str left = w.left;
    struct advisory a;
    size_t n = 0, len = 0;
    int rc = records && packed ? 0 : no_room(o);
    while (rc >= 0 && n < out->count && (rc = advisory_unpack(&w, &a, o->err)) > 0) {
        records[n++] = (struct record){a.id, {left.ptr, left.len - w.left.len}};
        left = w.left;
    }
    if (rc >= 0) {
        qsort(records, n, sizeof *records, by_id);
        for (size_t i = 0; i < n; i++, len += records[i - 1].packed.len)
            memcpy(packed + len, records[i].packed.ptr, records[i].packed.len);
        memcpy(out->packed.ptr, packed, len);
    }
    arena_done(&arena);
    return rc < 0 ? rc : 0;
}

static int flush(struct oval *o, struct output *out, struct str package)
{
    int rc = out->count > 1 && o->source->flags & ADVISORY_STREAMS ? order_records(o, out) : 0;
    const struct advisory_row row = {out->namespace, package, out->count, buf_str(&out->packed)};
    if (rc == 0 && out->count)
        rc = o->sink->row(o->sink, &row, o->err);
    buf_clear(&out->packed);
    out->count = 0;
    out->last = 0;
    return rc;
}

/* The same said twice in a definition, as of two products of one release, is told once. */
static int put(struct oval *o, struct output *out, const struct oval_definition *d, struct str package,
               struct advisory *a)
{
    int rc = out->packed.len > ADVISORY_ROW_MAX / 2 ? flush(o, out, package) : 0;
    size_t start = out->packed.len, last = start - out->last;
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < d->ids_count; i++) {
        a->id = d->ids[i].id;
        a->severity = d->ids[i].rated ? d->ids[i].severity : d->severity;
        advisory_pack(&out->packed, a);
    }
    rc = buf_finish(&out->packed, "oval: advisories of one definition", o->err);
    if (rc < 0)
        return rc;
    if (start && out->packed.len - start == last &&
        memcmp(out->packed.ptr + start, out->packed.ptr + out->last, last) == 0) {
        out->packed.len = start;
        return 0;
    }
    out->last = start;
    out->count += (uint32_t)d->ids_count;
    return 0;
}

static struct str without_zero_epoch(struct str evr)
{
    return str_starts(evr, STR("0:")) ? str_skip(evr, 2) : evr;
}

static void set_range(struct advisory *a, enum oval_operation operation, struct str evr)
{
    a->status = operation == OVAL_LESS ? ADVISORY_FIXED : ADVISORY_AFFECTED;
    if (operation == OVAL_LESS)
        a->fixed_version = evr;
    if (operation == OVAL_LESS_OR_EQUAL || operation == OVAL_EQUALS)
        a->last_affected = evr;
    if (operation == OVAL_EQUALS)
        a->introduced = evr;
}

/* Whether a package can be harmed; what was built with a kernel, and has its version, can not. */
static bool is_harmed(const struct oval *o, const struct oval_definition *d, struct str name, uint32_t evr)
{
    enum oval_part part = o->source->part ? o->source->part(name) : OVAL_PROGRAM;
    return part == OVAL_KERNEL || (part == OVAL_PROGRAM && d->kernel != evr);
}

/* What is said of a component, "module/name", that is not fixed. */
static enum advisory_status resolution_of(const struct oval *o, const struct oval_definition *d,
                                          const struct advisory *a, struct str name)
{
    const struct oval_resolution *first = o->document.resolutions.ptr + d->resolutions_first;
    enum advisory_status others = ADVISORY_AFFECTED;
    bool any = false;
    for (size_t i = 0; i < d->resolutions_count; i++) {
        struct str component = text_of(o, first[i].component);
        size_t slash = str_find_last(component, '/');
        struct str module = slash < component.len ? (struct str){component.ptr, slash} : STR("");
        if (!component.len) {
            others = any && others != first[i].status ? ADVISORY_AFFECTED : first[i].status;
            any = true;
        } else if (str_eq(module.len ? str_skip(component, slash + 1) : component, name) &&
                   str_eq(module, a->module))
            return first[i].status;
    }
    return others;
}

/* What the frame of a criterion says of its packages, in *a, and for whom. */
static int find_places(struct oval *o, const struct oval_definition *d, const struct oval_criterion *c,
                       struct str evr, struct advisory *a, struct places *ret)
{
    struct str context;
    int rc = context_of(o, d, c->frame, &context);
    if (rc < 0)
        return rc;
    struct wire w = wire_make(context);
    a->arches = text_of(o, wire_num(&w, OVAL_TEXTS_MAX));
    a->module = text_of(o, wire_num(&w, OVAL_TEXTS_MAX));
    if (!wire_num(&w, 1))
        rc = add_places(o, STR(""), evr, ret);
    while (wire_more(&w))
        ret->places[ret->count++] = (uint32_t)wire_num(&w, PLACES_MAX);
    return rc;
}

static int give(struct oval *o, uint32_t index)
{
    static const struct oval_state any = {.operation = OVAL_GREATER};
    const struct oval_criterion *c = &o->document.criteria.ptr[index];
    const struct oval_definition *d = definition_of(o, index);
    const struct oval_state *state = c->test == ANY_VERSION ? &any : &o->document.states.ptr[c->test];
    struct str name = text_of(o, c->text), evr = without_zero_epoch(text_of(o, state->evr));
    struct advisory a = {.severity = d->severity};
    struct places places = {.count = 0};
    if (!d->ids_count || !is_harmed(o, d, name, state->evr))
        return 0;
    int rc = find_places(o, d, c, evr, &a, &places);
    if (rc == 0 && places.count && state->evr && !o->scheme->valid(evr))
        return tell(o, d, "an evr that is none");
    if (state->arches)
        a.arches = text_of(o, state->arches);
    set_range(&a, state->operation, evr);
    if (d->resolutions_count && !a.fixed_version.len)
        a.status = resolution_of(o, d, &a, name);
    for (size_t i = 0; i < places.count && rc == 0; i++) {
        a.flags = o->source->flags;
        a.flags |= places.places[i] & 1 && a.fixed_version.len ? ADVISORY_SUBSCRIPTION : 0;
        rc = put(o, &o->outputs[places.places[i] >> 1], d, name, &a);
    }
    return rc;
}

static int give_all(struct oval *o)
{
    int rc = 0;
    for (size_t i = 0; i < o->ordered && rc == 0; i++) {
        uint32_t name = o->document.criteria.ptr[o->order[i]].text;
        rc = give(o, o->order[i]);
        bool ends = i + 1 == o->ordered || o->document.criteria.ptr[o->order[i + 1]].text != name;
        for (size_t j = 0; j < o->outputs_count && ends && rc == 0; j++)
            rc = flush(o, &o->outputs[j], text_of(o, name));
    }
    return rc;
}

/* ---- definitions ---- */

/* A definition counts under its CVEs; where there are none, under the first word of its title, "ELSA-2024-1". */
static int name_definition(struct oval *o, struct oval_definition *d)
{
    struct str rest = d->title, name = str_cut(&rest, ' ');
    while (name.len && (name.ptr[name.len - 1] == ':' || name.ptr[name.len - 1] == '\n'))
        name.len--;
    if (d->ids_count)
        return 0;
    if (!name.len)
        return tell(o, d, "a definition without a name");
    d->ids = arena_new(&o->arena, struct oval_id);
    if (!d->ids)
        return no_room(o);
    *d->ids = (struct oval_id){.id = name};
    d->ids_count = 1;
    return 0;
}

static int tell_about(struct oval *o, const struct oval_definition *d)
{
    struct vulnerability v = vulnerability_make(d->ids_count ? d->ids[0].id : STR(""));
    v.description = d->description;
    return o->sink->about && d->ids_count == 1 && d->description.len ? o->sink->about(o->sink, &v, o->err)
                                                                     : 0;
}

int oval_parse(const struct feed *feed, const struct oval_source *source, struct reader *in,
               struct feed_sink *sink, struct error *err)
{
    struct oval *o = memory_new(sizeof *o);
    *o = (struct oval){
        .source = source,
        .scheme = version_scheme_find(str_of(feed->scheme)),
        .sink = sink,
        .err = err,
        .arena = arena_make(OVAL_MEMORY_MAX),
        .names = buf_make(KIB(1)),
        .scratch = buf_make(KIB(4)),
    };
    o->numbers = map_make(&o->arena);
    int rc = oval_document_read(in, source, &o->arena, &o->document, err);
    if (rc == 0 && !o->document.definitions.len)
        rc = error_set(err, E_BAD_INPUT, "oval: the document has no definitions");
    vec_each (&o->document.definitions, d)
        if (rc == 0 && (rc = name_definition(o, d)) == 0)
            rc = tell_about(o, d);
    if (rc == 0)
        rc = order_criteria(o);
    if (rc == 0)
        rc = give_all(o);
    for (size_t i = 0; i < o->outputs_count; i++)
        buf_done(&o->outputs[i].packed);
    buf_done(&o->names);
    buf_done(&o->scratch);
    arena_done(&o->arena);
    free(o);
    return rc;
}
