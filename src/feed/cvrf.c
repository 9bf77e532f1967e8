#include "feed/cvrf.h"

#include "base/arena.h"
#include "base/limits.h"
#include "format/xml.h"
#include "version/version.h"

struct release {
    struct str id, cpe; /* "openEuler-22.03-LTS-SP3": vulnerabilities name it so, packages by its CPE */
};

struct built {
    struct str name, version, cpe;
};

struct flaw {
    struct str id, description;
    enum severity severity;
    VEC(struct str) fixed; /* ids of releases */
};

/* What the elements that are open say about those within. */
enum place {
    PLACE_NONE,
    PLACE_RELEASES,
    PLACE_SOURCES,
    PLACE_OTHERS,
    PLACE_FIXED,
    PLACE_IMPACT,
    PLACE_DESCRIPTION
};

struct cvrf {
    const struct cvrf_source *source;
    const struct version_scheme *scheme;
    struct feed_sink *sink;
    struct xml xml;
    struct error *err;
    struct arena arena;
    enum place place;
    bool in_flaw;
    struct str id, cpe, document; /* of the product that is open; the document's own name */
    VEC(struct release) releases;
    VEC(struct built) packages;
    VEC(struct flaw) flaws;
    struct buf namespace, packed;
};

static int no_room(struct cvrf *c)
{
    return error_set(c->err, E_LIMIT, "cvrf: more than one document may hold");
}

static int keep(struct cvrf *c, struct str text, struct str *ret)
{
    return arena_str(&c->arena, str_trim(text), ret) < 0 ? no_room(c) : 0;
}

static int tell(struct cvrf *c, struct str where, const char *text)
{
    return c->sink->problem ? c->sink->problem(c->sink, where, text, c->err) : 0;
}

/* ---- products ---- */

static int add_release(struct cvrf *c)
{
    struct release *r = vec_push(&c->releases, &c->arena);
    if (!r)
        return no_room(c);
    *r = (struct release){c->id, c->cpe};
    return 0;
}

/* "sane-backends-1.0.28-9.oe1.src.rpm" */
static int add_source(struct cvrf *c, struct str file)
{
    static const struct str ending = STR_INIT(".src.rpm");
    struct built p = {.cpe = c->cpe};
    int rc = keep(c, file, &p.name);
    if (rc < 0)
        return rc;
    p.name.len -= str_ends(p.name, ending) ? ending.len : 0;
    size_t release = str_find_last(p.name, '-');
    size_t version = str_find_last((struct str){p.name.ptr, release}, '-');
    p.version = str_skip(p.name, version + 1);
    p.name.len = version;
    bool whole = release < p.version.len + version + 1 && version && version < release;
    if (!whole || p.name.len > ADVISORY_TEXT_MAX || p.version.len > ADVISORY_TEXT_MAX ||
        !c->scheme->valid(p.version))
        return tell(c, c->document, "a package whose name, version and release cannot be told apart");
    struct built *place = vec_push(&c->packages, &c->arena);
    if (!place)
        return no_room(c);
    *place = p;
    return 0;
}

static int product(struct cvrf *c)
{
    return c->place == PLACE_RELEASES  ? add_release(c)
           : c->place == PLACE_SOURCES ? add_source(c, c->xml.content)
                                       : 0;
}

/* ---- vulnerabilities ---- */

static struct flaw *last_flaw(struct cvrf *c)
{
    return &c->flaws.ptr[c->flaws.len - 1];
}

static int add_fixed(struct cvrf *c)
{
    struct str *id = vec_push(&last_flaw(c)->fixed, &c->arena);
    return id ? keep(c, c->xml.content, id) : no_room(c);
}

static int set_id(struct cvrf *c)
{
    struct str id = str_trim(c->xml.content);
    if (!str_starts(id, STR("CVE-")) || id.len > ADVISORY_TEXT_MAX)
        return tell(c, c->document, "a vulnerability without a CVE");
    return keep(c, id, &last_flaw(c)->id);
}

/* ---- rows ---- */

static bool is_fixed_for(const struct cvrf *c, const struct flaw *f, struct str cpe)
{
    vec_each (&f->fixed, id)
        vec_each (&c->releases, r)
            if (str_eq(r->id, *id) && str_eq(r->cpe, cpe))
                return true;
    return false;
}

static int give_package(struct cvrf *c, const struct built *p)
{
    struct advisory_row row = {.package = p->name};
    buf_clear(&c->namespace);
    buf_clear(&c->packed);
    if (!c->source->namespace(p->cpe, &c->namespace))
        return 0;
    vec_each (&c->flaws, f) {
        const struct advisory a = {
            .id = f->id, .status = ADVISORY_FIXED, .severity = f->severity, .fixed_version = p->version};
        if (!f->id.len || !is_fixed_for(c, f, p->cpe))
            continue;
        advisory_pack(&c->packed, &a);
        row.count++;
    }
    int rc = buf_finish(&c->packed, "cvrf: advisories of one package", c->err);
    row.namespace = buf_str(&c->namespace);
    row.packed = buf_str(&c->packed);
    return rc < 0 || !row.count ? rc : c->sink->row(c->sink, &row, c->err);
}

static int give_all(struct cvrf *c)
{
    int rc = c->packages.len || !c->flaws.len ? 0 : tell(c, c->document, "no source packages");
    vec_each (&c->packages, p)
        if (rc == 0)
            rc = give_package(c, p);
    vec_each (&c->flaws, f) {
        struct vulnerability v = vulnerability_make(f->id);
        v.description = f->description;
        if (rc == 0 && c->sink->about && f->id.len && f->description.len)
            rc = c->sink->about(c->sink, &v, c->err);
    }
    return rc;
}

/* ---- the document ---- */

static int opened_in_flaw(struct cvrf *c)
{
    const struct xml *x = &c->xml;
    if (xml_is(x, "Status"))
        c->place = str_eq(xml_attribute(x, "Type"), STR("Fixed")) ? PLACE_FIXED : PLACE_NONE;
    else if (xml_is(x, "Threat"))
        c->place = str_eq(xml_attribute(x, "Type"), STR("Impact")) ? PLACE_IMPACT : PLACE_NONE;
    else if (xml_is(x, "Note"))
        c->place = str_eq(xml_attribute(x, "Title"), STR("Vulnerability Description")) ? PLACE_DESCRIPTION
                                                                                       : PLACE_NONE;
    return 0;
}

static int opened(struct cvrf *c)
{
    const struct xml *x = &c->xml;
    if (c->in_flaw)
        return opened_in_flaw(c);
    if (xml_is(x, "Vulnerability")) {
        c->in_flaw = true;
        c->place = PLACE_NONE;
        return vec_push(&c->flaws, &c->arena) ? 0 : no_room(c);
    }
    if (xml_is(x, "Branch")) {
        struct str type = xml_attribute(x, "Type");
        c->place = str_eq(type, STR("Product Name")) ? PLACE_RELEASES
                   : str_eq(type, STR("Package Arch")) && str_eq(xml_attribute(x, "Name"), STR("src"))
                       ? PLACE_SOURCES
                       : PLACE_OTHERS;
        return 0;
    }
    if (!xml_is(x, "FullProductName"))
        return 0;
    int rc = keep(c, xml_attribute(x, "ProductID"), &c->id);
    return rc < 0 ? rc : keep(c, xml_attribute(x, "CPE"), &c->cpe);
}

static int closed_in_flaw(struct cvrf *c)
{
    const struct xml *x = &c->xml;
    enum place place = c->place;
    if (xml_is(x, "Vulnerability"))
        c->in_flaw = false;
    if (xml_is(x, "Status") || xml_is(x, "Threat") || xml_is(x, "Note"))
        c->place = PLACE_NONE;
    if (xml_is(x, "CVE"))
        return set_id(c);
    if (xml_is(x, "ProductID") && place == PLACE_FIXED)
        return add_fixed(c);
    if (xml_is(x, "Note") && place == PLACE_DESCRIPTION)
        return keep(c, x->content, &last_flaw(c)->description);
    if (xml_is(x, "Description") && place == PLACE_IMPACT)
        last_flaw(c)->severity = severity_of(str_trim(x->content));
    return 0;
}

static int closed(struct cvrf *c)
{
    const struct xml *x = &c->xml;
    if (c->in_flaw)
        return closed_in_flaw(c);
    if (xml_is(x, "Branch"))
        c->place = PLACE_NONE;
    else if (xml_is(x, "FullProductName"))
        return product(c);
    else if (xml_is(x, "ID") && x->content.len <= ADVISORY_TEXT_MAX)
        return keep(c, x->content, &c->document);
    return 0;
}

static int document_read(struct cvrf *c)
{
    int rc;
    while ((rc = xml_next(&c->xml)) > 0) {
        if (c->xml.depth == 1 && rc == XML_OPEN && !xml_is(&c->xml, "cvrfdoc"))
            return error_set(c->err, E_BAD_INPUT, "cvrf: the document is none");
        rc = rc == XML_OPEN ? opened(c) : closed(c);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : give_all(c);
}

int cvrf_parse(const struct feed *feed, const struct cvrf_source *source, struct reader *in,
               struct feed_sink *sink, struct error *err)
{
    struct cvrf c = {
        .source = source,
        .scheme = version_scheme_find(str_of(feed->scheme)),
        .sink = sink,
        .err = err,
        .arena = arena_make(CVRF_MEMORY_MAX),
        .namespace = buf_make(KIB(1)),
        .packed = buf_make(ADVISORY_ROW_MAX),
    };
    xml_open(&c.xml, in, err);
    int rc = document_read(&c);
    xml_close(&c.xml);
    buf_done(&c.namespace);
    buf_done(&c.packed);
    arena_done(&c.arena);
    return rc;
}
