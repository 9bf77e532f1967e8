#include "scan/products.h"

#include "base/buf.h"
#include "base/limits.h"
#include "model/vendor.h"
#include "store/store.h"

static int no_room(struct error *err)
{
    return error_set(err, E_LIMIT, "more repositories than one report may hold");
}

/* "rhel-9-for-x86_64-baseos-rpms__9_DOT_4" is a part of what is before "__". */
static struct str without_part(struct str repository)
{
    repository.len = str_find_part(repository, STR("__"));
    return repository;
}

static int take(void *ctx, struct str name, struct str products)
{
    struct products *p = ctx;
    struct str key, *kept = arena_new(p->arena, struct str);
    if (!kept || arena_str(p->arena, name, &key) < 0 || arena_str(p->arena, products, kept) < 0)
        return no_room(p->err);
    void **place = map_at(&p->known, key);
    if (!place)
        return no_room(p->err);
    *place = kept;
    return 0;
}

/* A CPE says itself which product it is. */
static bool is_product(struct str name)
{
    return vendor_redhat_product(name).len != 0;
}

/* Asks the store for all repositories of a list. */
static int ask(struct products *p, struct str list)
{
    size_t words = 1, count = 0;
    for (size_t i = 0; i < list.len; i++)
        words += list.ptr[i] == ' ';
    struct str *names = arena_array(p->arena, struct str, 2 * words);
    if (!names)
        return no_room(p->err);
    while (list.len) {
        struct str name = str_cut(&list, ' '), whole = without_part(name);
        if (is_product(name))
            continue;
        names[count++] = name;
        if (whole.len < name.len)
            names[count++] = whole;
    }
    return store_repositories(p->store, names, count, take, p, p->err);
}

/* NULL: it is in no list. */
static const struct str *find(const struct products *p, struct str repository)
{
    const struct str *known = map_get(&p->known, repository);
    return known ? known : map_get(&p->known, without_part(repository));
}

/* false: they are more than one package may be of. */
static bool add_words(struct buf *list, struct str words)
{
    while (words.len) {
        struct str word = str_cut(&words, ' ');
        if (!word.len || str_has_word(buf_str(list), word))
            continue;
        if (list->len + 1 + word.len > PACKAGE_PRODUCTS_MAX)
            return false;
        if (list->len)
            buf_add_char(list, ' ');
        buf_add(list, word);
    }
    return true;
}

static int add_unknown(struct products *p, struct str name)
{
    vec_each (&p->unknown, u)
        if (str_eq(*u, name))
            return 0;
    struct str *kept = vec_push(&p->unknown, p->arena);
    if (!kept)
        return no_room(p->err);
    *kept = name;
    return 0;
}

static int answer(struct products *p)
{
    CLEANUP(buf_done) struct buf list = buf_make(PACKAGE_PRODUCTS_MAX);
    struct str rest = p->repositories;
    while (rest.len) {
        struct str name = str_cut(&rest, ' ');
        const struct str product = vendor_redhat_product(name);
        const struct str *known = product.len ? &product : find(p, name);
        if ((!known || !add_words(&list, *known)) && add_unknown(p, name) < 0)
            return -(int)E_LIMIT;
    }
    return arena_str(p->arena, buf_str(&list), &p->answer) < 0 ? no_room(p->err) : 0;
}

/* The products of where it was installed from; NULL: nobody tells, or it is in no list. */
static int find_origin(struct products *p, struct str origin, const struct str **ret)
{
    int rc = 0;
    if (origin.len && !str_eq(p->origin, origin) && !(*ret = find(p, origin))) {
        p->origin = origin;
        rc = ask(p, origin);
    }
    *ret = rc == 0 && origin.len ? find(p, origin) : NULL;
    return rc;
}

int products_of(struct products *p, const struct package *package, struct str *ret)
{
    const struct str *origin;
    *ret = package->repositories; /* of Debian's family they are services */
    if (package->type != PACKAGE_RPM)
        return 0;
    int rc = find_origin(p, package->origin, &origin);
    if (rc < 0 || origin) {
        *ret = origin ? *origin : STR("");
        return rc;
    }
    if (!str_eq(p->repositories, package->repositories)) {
        p->repositories = package->repositories;
        rc = ask(p, p->repositories);
        if (rc == 0)
            rc = answer(p);
    }
    *ret = p->answer;
    return rc;
}

static int note_unknown(struct scan_result *r, const struct products *p)
{
    char text[320], shown[128];
    struct problem *problem = p->unknown.len ? vec_push(&r->problems, p->arena) : NULL;
    if (!p->unknown.len)
        return 0;
    snprintf(text, sizeof text,
             "%zu repositories that the image names, as %s, are in no list: packages from there were judged "
             "as those of "
             "the distribution itself (limpid update redhat-repositories fetches the list)",
             p->unknown.len, str_printable(p->unknown.ptr[0], shown, sizeof shown));
    if (!problem || arena_str(p->arena, str_of(text), &problem->text) < 0)
        return no_room(p->err);
    problem->code = E_UNSUPPORTED;
    problem->where = r->namespace;
    return 0;
}

int products_assign(struct scan_result *r, struct store *store, struct arena *arena, struct error *err)
{
    struct products p = products_make(store, arena, err);
    vec_each (&r->packages, package) {
        int rc = products_of(&p, package, &package->products);
        if (rc < 0)
            return rc;
    }
    return note_unknown(r, &p);
}
