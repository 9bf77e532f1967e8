/* Runs a template, and makes what it sees of a result. */
#include "report/template.h"

#include "base/limits.h"
#include "model/cvss.h"
#include "report/html_text.h"
#include "report/template_tree.h"

unsigned template_slot(struct template *t, struct str name)
{
    for (unsigned i = 0; i < t->variables.len; i++)
        if (str_eq(t->variables.ptr[i].name, name))
            return i;
    struct variable *v = vec_push(&t->variables, t->arena);
    if (!v)
        return UINT32_MAX;
    v->name = name;
    return (unsigned)(t->variables.len - 1);
}

/* ---- what the template sees ---- */

static const char *const vector_names[TEMPLATE_VECTORS] = {"Access Vector",    "Access Complexity",
                                                           "Authentication",   "Confidentiality impact",
                                                           "Integrity impact", "Availability impact"};

static bool set_vectors(struct value dict, const struct template_row *row, struct arena *a)
{
    struct value vectors = value_new_dict(a);
    bool kept = vectors.kind == VALUE_DICT;
    for (int i = 0; i < TEMPLATE_VECTORS && kept; i++)
        kept = value_set(vectors, str_of(vector_names[i]), value_text(row->vectors[i]), a) == 0;
    return kept && value_set(dict, STR("VECTORS"), vectors, a) == 0;
}

static struct value value_of_row(const struct template_row *row, struct arena *a)
{
    const struct {
        const char *key;
        struct str text;
    } texts[] = {{"ID", row->id},
                 {"CVE", row->cve},
                 {"SEVERITY", row->severity},
                 {"PACKAGE", row->package},
                 {"CURRENT", row->current},
                 {"FIXED", row->fixed},
                 {"INTRODUCED", row->introduced},
                 {"DESCRIPTION", row->description},
                 {"LINK", row->link}};
    struct value dict = value_new_dict(a),
                 score = row->score < 0 ? value_none() : value_float(row->score / 10.0);
    bool kept = dict.kind == VALUE_DICT;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && kept; i++)
        kept = value_set(dict, str_of(texts[i].key), value_text(texts[i].text), a) == 0;
    kept = kept && set_vectors(dict, row, a) && value_set(dict, STR("SCORE"), score, a) == 0;
    return kept ? dict : value_none();
}

static int define_info(struct template *t, const struct template_row *rows, size_t count)
{
    struct value info = value_new_list(t->arena);
    unsigned slot = template_slot(t, STR("info"));
    bool kept = info.kind == VALUE_LIST && slot != UINT32_MAX;
    for (size_t i = 0; i < count && kept; i++) {
        struct value row = value_of_row(&rows[i], t->arena);
        kept = row.kind == VALUE_DICT && value_append(info, row, t->arena) == 0;
    }
    if (!kept)
        return error_set(t->err, E_LIMIT, "%zu findings take more than %zu bytes of memory", count,
                         TEMPLATE_MEMORY_MAX);
    t->variables.ptr[slot].defined = true;
    t->variables.ptr[slot].value = info;
    return 0;
}

static struct str layer_name(const struct scan_result *r, unsigned index)
{
    if (index >= r->layers.len)
        return STR("");
    const struct result_layer *l = &r->layers.ptr[index];
    return l->name.len ? l->name : digest_str(l->digest.text[0] ? &l->digest : &l->diff_id);
}

struct template_row *template_rows(const struct scan_result *r, struct arena *arena)
{
    struct template_row *rows = arena_array(arena, struct template_row, r->findings.len + 1);
    for (size_t i = 0; rows && i < r->findings.len; i++) {
        const struct finding *f = &r->findings.ptr[i];
        struct template_row *row = &rows[i];
        char id[24];
        snprintf(id, sizeof id, "%zu", i + 1);
        *row = (struct template_row){.cve = f->id,
                                     .severity = str_of(severity_name(f->severity)),
                                     .package = f->package->name,
                                     .current = f->package->version,
                                     .fixed = f->fixed_version,
                                     .introduced = layer_name(r, f->package->introduced),
                                     .description = f->about ? f->about->description : STR(""),
                                     .link = f->link.len || !f->about ? f->link : f->about->link,
                                     .score = f->about ? f->about->score2 : -1};
        if (arena_str(arena, str_of(id), &row->id) < 0)
            return NULL;
        for (int m = 0; f->about && m < TEMPLATE_VECTORS; m++) {
            int at = cvss_value_of(f->about->cvss2, &cvss2_metrics[m]);
            row->vectors[m] = at < 0 ? STR("") : str_of(cvss2_metrics[m].values[at].word);
        }
    }
    return rows;
}

/* ---- running ---- */

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };

static int run_steps(struct template *t, const struct steps *steps, enum flow *flow);

static int run_print(struct template *t, const struct step *s)
{
    struct value v = value_none();
    int rc = template_evaluate(t, s->value, &v);
    if (rc < 0)
        return rc;
    if (!s->raw && v.kind == VALUE_TEXT)
        html_quoted(t->out, v.text);
    else if (value_put(t->out, v) < 0)
        return template_fail(t, E_UNSUPPORTED, s->line, "%s has no text; loop through it",
                             value_kind_name(v));
    return 0;
}

static int run_for(struct template *t, const struct step *s)
{
    struct value_list *items = NULL;
    struct value of = value_none();
    enum flow flow = FLOW_ON;
    int rc = template_evaluate(t, s->value, &of);
    if (rc == 0)
        rc = template_iterate(t, of, s->line, &items);
    for (size_t i = 0; rc == 0 && flow != FLOW_BREAK && i < items->items.len; i++) {
        flow = FLOW_ON;
        rc = template_spend(t, s->line, 0);
        if (rc == 0)
            rc = template_assign(t, &s->targets, items->items.ptr[i], s->line);
        if (rc == 0)
            rc = run_steps(t, &s->branches.ptr[0].body, &flow);
    }
    return rc;
}

static int run_if(struct template *t, const struct step *s, enum flow *flow)
{
    vec_each (&s->branches, b) {
        struct value v = value_bool(true);
        int rc = b->condition ? template_evaluate(t, b->condition, &v) : 0;
        if (rc < 0)
            return rc;
        if (value_true(v))
            return run_steps(t, &b->body, flow);
    }
    return 0;
}

static int run_assign(struct template *t, const struct step *s)
{
    struct value v = value_none(), of = value_none(), key = value_none();
    const struct node *target = s->target;
    int rc = template_evaluate(t, s->value, &v);
    if (rc < 0)
        return rc;
    if (target->kind == NODE_NAME) {
        t->variables.ptr[target->slot].defined = true;
        t->variables.ptr[target->slot].value = v;
        return 0;
    }
    rc = template_evaluate(t, target->children.ptr[0].node, &of);
    if (rc == 0)
        rc = template_evaluate(t, target->children.ptr[1].node, &key);
    if (rc < 0)
        return rc;
    if (of.kind != VALUE_DICT || key.kind != VALUE_TEXT)
        return template_fail(t, E_UNSUPPORTED, s->line, "an item of %s that %s names, as a target",
                             value_kind_name(of), value_kind_name(key));
    return value_set(of, key.text, v, t->arena) < 0 ? template_no_memory(t, s->line) : 0;
}

static int run_step(struct template *t, const struct step *s, enum flow *flow)
{
    struct value ignored = value_none();
    switch (s->kind) {
    case STEP_TEXT:
        buf_add(t->out, s->text);
        return 0;
    case STEP_PRINT:
        return run_print(t, s);
    case STEP_FOR:
        return run_for(t, s);
    case STEP_IF:
        return run_if(t, s, flow);
    case STEP_ASSIGN:
        return run_assign(t, s);
    case STEP_EXPRESSION:
        return template_evaluate(t, s->value, &ignored);
    default:
        *flow = s->kind == STEP_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
        return 0;
    }
}

static int run_steps(struct template *t, const struct steps *steps, enum flow *flow)
{
    for (size_t i = 0; i < steps->list.len && *flow == FLOW_ON; i++) {
        const struct step *s = &steps->list.ptr[i];
        int rc = template_spend(t, s->line, 0);
        if (rc == 0)
            rc = run_step(t, s, flow);
        if (rc == 0 && t->out->failed)
            rc = template_fail(t, E_LIMIT, s->line, "the page is larger than %zu bytes", t->out->max);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int template_render(struct str source, const struct template_row *rows, size_t count, struct buf *out,
                    struct error *err)
{
    struct arena arena = arena_make(TEMPLATE_MEMORY_MAX);
    struct template t = {.arena = &arena, .err = err, .out = out};
    enum flow flow = FLOW_ON;
    int rc = template_parse(&t, source);
    if (rc == 0)
        rc = define_info(&t, rows, count);
    if (rc == 0)
        rc = run_steps(&t, &t.steps, &flow);
    arena_done(&arena);
    return rc;
}
