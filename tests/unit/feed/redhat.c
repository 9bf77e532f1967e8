/* Red Hat's CSAF VEX, by name of the trap in docs/accuracy.md. */
#include "base/cleanup.h"
#include "stream/tar_write.h"
#include "text_sink.h"

/* Documents are written here with single quotes. */
#define RHEL_8                                                                                            \
    "{'category':'product_name','product':{'product_id':'rhel8','product_identification_helper':{'cpe':'" \
    "cpe:/o:redhat:enterprise_linux:8'}}}"
#define PRODUCT(id, cpe)                                      \
    "{'category':'product_name','product':{'product_id':'" id \
    "','product_identification_helper':{'cpe':'" cpe "'}}}"
#define PACKAGE(id, purl)                                        \
    "{'category':'product_version','product':{'product_id':'" id \
    "','product_identification_helper':{'purl':'" purl "'}}}"
#define BARE(id) "{'category':'product_version','product':{'product_id':'" id "'}}"
#define IN(product, package)                                                                     \
    "{'category':'default_component_of','full_product_name':{'product_id':'" product ":" package \
    "'},'product_reference':'" package "','relates_to_product_reference':'" product "'}"
#define VEX(branches, relationships, vulnerability)                                                      \
    "{'document':{'aggregate_severity':{'text':'Moderate'},'tracking':{'id':'CVE-1','status':'final'}}," \
    "'product_tree':{'branches':[{'branches':[" branches "],'category':'vendor','name':'Red Hat'}],"     \
    "'relationships':[" relationships "]},'vulnerabilities':[{'cve':'CVE-1'," vulnerability "}]}"
#define STATUS(kind, ids) "'product_status':{'" kind "':[" ids "]}"

static struct str quoted(const char *text, char **ret)
{
    size_t len = strlen(text);
    *ret = malloc(len + 1);
    assert_non_null(*ret);
    for (size_t i = 0; i <= len; i++)
        (*ret)[i] = text[i] == '\'' ? '"' : text[i];
    return (struct str){*ret, len};
}

static void check(const char *text, const char *want)
{
    char *json;
    quoted(text, &json);
    text_check(&redhat_feed, json, want);
    free(json);
}

static void refuse(const char *text, const char *want)
{
    char *json;
    quoted(text, &json);
    text_refuse(&redhat_feed, json, want);
    free(json);
}

/* What an id means: of one component `package` with `purl` in a product of `cpe`. */
static void check_one(const char *status, const char *cpe, const char *package, const char *purl,
                      const char *want)
{
    CLEANUP(buf_done) struct buf text = buf_make(KIB(16));
    buf_printf(&text,
               VEX(PRODUCT("p", "%s") "," PACKAGE("%s", "%s"), IN("p", "%s"), STATUS("%s", "'p:%s'")) "%c",
               cpe, package, purl, package, package, status, package, 0);
    check(text.ptr, want);
}

TEST(redhat_fixed)
{
    check_one("fixed", "cpe:/o:redhat:enterprise_linux:9::baseos", "a",
              "pkg:rpm/redhat/a@1-2.el9_4?arch=x86_64",
              "centos:9 a: CVE-1 fixed Medium 1-2.el9_4 arch x86_64\n");
    check_one("fixed", "cpe:/o:redhat:enterprise_linux:9::baseos", "a",
              "pkg:rpm/redhat/a@1-2.el9_4?arch=noarch&epoch=1",
              "centos:9 a: CVE-1 fixed Medium 1:1-2.el9_4\n");
    check_one("first_fixed", "cpe:/a:redhat:enterprise_linux:10.0", "a",
              "pkg:rpm/redhat/libstdc%2B%2B@1-2.el10?epoch=0",
              "centos:10 libstdc++: CVE-1 fixed Medium 1-2.el10\n");
}

TEST(redhat_statuses)
{
    static const char rhel[] = "cpe:/o:redhat:enterprise_linux:8", purl[] = "pkg:rpm/redhat/a?arch=src";
    check_one("known_affected", rhel, "a", purl, "centos:8 a: CVE-1 affected Medium\n");
    check_one("known_not_affected", rhel, "a", purl, "centos:8 a: CVE-1 not_affected Medium\n");
    check_one("under_investigation", rhel, "a", purl, "centos:8 a: CVE-1 undetermined Medium\n");
    check_one("recommended", rhel, "a", purl, "");
}

TEST(redhat_remediations)
{
    static const struct {
        const char *category, *details, *want;
    } cases[] = {
        {"no_fix_planned", "Will not fix", "will_not_fix"},
        {"no_fix_planned", "Out of support scope", "end_of_life"},
        {"none_available", "Affected", "affected"},
        {"none_available", "Fix deferred", "fix_deferred"},
        {"workaround", "Will not fix", "affected"},
        {"vendor_fix", "Will not fix", "affected"},
        {"no_fix_planned", " will NOT fix\\n", "will_not_fix"},
        {"no_fix_planned", "", "affected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned turned = 0; turned < 2; turned++) {
            char text[2048], want[128], part[512];
            snprintf(part, sizeof part,
                     turned ? "'product_ids':['rhel8:a',3],'details':'%2$s','category':'%1$s'"
                            : "'category':'%s','details':'%s','product_ids':['rhel8:a']",
                     cases[i].category, cases[i].details);
            snprintf(text, sizeof text,
                     VEX(RHEL_8 "," BARE("a"), IN("rhel8", "a"),
                         STATUS("known_affected", "'rhel8:a'") ",'remediations':[{%s}]"),
                     part);
            snprintf(want, sizeof want, "centos:8 a: CVE-1 %s Medium\n", cases[i].want);
            check(text, want);
        }
}

TEST(redhat_impact_of_a_product)
{
    check(VEX(RHEL_8 "," PRODUCT("rhel9", "cpe:/o:redhat:enterprise_linux:9") "," BARE("a"),
              IN("rhel8", "a") "," IN("rhel9", "a"),
              STATUS("known_affected", "'rhel8:a','rhel9:a'") ",'threats':[{'category':'impact','details':'"
                                                              "Important','product_ids':['rhel9:a']},"
                                                              "{'category':'exploit_status','details':'Low','"
                                                              "product_ids':['rhel8:a']}]"),
          "centos:8 a: CVE-1 affected Medium\ncentos:9 a: CVE-1 affected High\n");
}

TEST(redhat_about)
{
    check(VEX(RHEL_8 "," BARE("a"), IN("rhel8", "a"),
              STATUS("known_affected",
                     "'rhel8:a'") ",'notes':[{'category':'summary','text':'no'},{'text':'It is "
                                  "bad.','category':'description'}],"
                                  "'cwe':{'id':'CWE-79'},'scores':[{'cvss_v3':{'baseScore':7.5,'vectorString'"
                                  ":'CVSS:3.1/AV:N'},'products':['rhel8:a']}]"),
          "? CVE-1: It is bad. [CVSS:3.1/AV:N 75] CWE-79\ncentos:8 a: CVE-1 affected Medium\n");
}

/* What names no version names the source; what has none of both is as old documents write it. */
TEST(trap_r5_components_are_sources)
{
    static const char rhel[] = "cpe:/o:redhat:enterprise_linux:8";
    check_one("known_affected", rhel, "openssl", "pkg:rpm/redhat/openssl?arch=src",
              "centos:8 openssl: CVE-1 affected Medium\n");
    check_one("known_affected", rhel, "curl.src", "pkg:rpm/redhat/curl?arch=src",
              "centos:8 curl: CVE-1 affected Medium\n");
    check_one("known_affected", rhel, "libcurl", "pkg:rpm/redhat/libcurl",
              "centos:8 libcurl: CVE-1 affected Medium\n");
    check(VEX(RHEL_8 "," BARE("vim") "," BARE("samba.src"), IN("rhel8", "vim") "," IN("rhel8", "samba.src"),
              STATUS("known_affected", "'rhel8:vim','rhel8:samba.src'")),
          "centos:8 samba: CVE-1 affected Medium\ncentos:8 vim: CVE-1 affected Medium\n");
    check(VEX(RHEL_8 "," BARE("openssl-libs-1:1.1.1k-7.el8_6.x86_64"),
              IN("rhel8", "openssl-libs-1:1.1.1k-7.el8_6.x86_64"),
              STATUS("fixed", "'rhel8:openssl-libs-1:1.1.1k-7.el8_6.x86_64'")),
          "centos:8 openssl-libs: CVE-1 fixed Medium 1:1.1.1k-7.el8_6 arch x86_64\n");
}

TEST(trap_r6_modules)
{
    static const char rhel[] = "cpe:/a:redhat:enterprise_linux:8::appstream";
    check_one("fixed", rhel, "a",
              "pkg:rpm/redhat/httpd@2-1.module%2Bel8.9.0%2B1%2Bab?arch=x86_64&rpmmod=httpd:2.4:8090020:ab",
              "centos:8 httpd: CVE-1 fixed Medium 2-1.module+el8.9.0+1+ab arch x86_64 module httpd:2.4\n");
    check_one("known_affected", rhel, "a", "pkg:rpm/redhat/go-toolset@rhel8?arch=src&rpmmod=go-toolset:rhel8",
              "centos:8 go-toolset: CVE-1 affected Medium module go-toolset:rhel8\n");
    check(VEX(RHEL_8 "," BARE("nodejs:16/nodejs") "," BARE("openshift4/ose-cli"),
              IN("rhel8", "nodejs:16/nodejs") "," IN("rhel8", "openshift4/ose-cli"),
              STATUS("known_affected", "'rhel8:nodejs:16/nodejs','rhel8:openshift4/ose-cli'")),
          "centos:8 nodejs: CVE-1 affected Medium module nodejs:16\n");
}

TEST(trap_r21_two_levels)
{
    static const char *const modules[] = {PACKAGE("nodejs:14:80:ab", "pkg:rpmmod/redhat/nodejs@14:80:ab"),
                                          BARE("nodejs:14:80:ab")};
    for (size_t i = 0; i < 2; i++) {
        char text[4096];
        snprintf(text, sizeof text,
                 VEX(RHEL_8 ",%s," PACKAGE("n", "pkg:rpm/redhat/nodejs@14-1.module%%2Bel8?arch=x86_64"),
                     IN("rhel8:nodejs:14:80:ab", "n") "," IN("rhel8", "nodejs:14:80:ab"),
                     STATUS("fixed", "'rhel8:nodejs:14:80:ab:n'")),
                 modules[i]);
        check(text, "centos:8 nodejs: CVE-1 fixed Medium 14-1.module+el8 arch x86_64 module nodejs:14\n");
    }
}

TEST(trap_r21_bad_modules_are_told)
{
    static const char *const bad[] = {"rhel10", ":", "a:", ":b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char purl[128];
        snprintf(purl, sizeof purl, "pkg:rpm/redhat/a@1-1.el8?arch=x86_64&rpmmod=%s", bad[i]);
        check_one("fixed", "cpe:/o:redhat:enterprise_linux:8", "a", purl,
                  "! CVE-1 p:a: a module that is none\n");
    }
    check_one("fixed", "cpe:/o:redhat:enterprise_linux:8", "a",
              "pkg:rpm/redhat/a@1-1.el8?rpmmod=", "centos:8 a: CVE-1 fixed Medium 1-1.el8\n");
}

TEST(redhat_problems_are_told)
{
    static const char rhel[] = "cpe:/o:redhat:enterprise_linux:8";
    check_one("fixed", rhel, "a", "pkg:", "! CVE-1 p:a: a package URL that is none\n");
    check_one("fixed", rhel, "a", "pkg:rpm/redhat/a@1?arch=x86_64",
              "! CVE-1 p:a: a fixed version that is none\n");
    check_one("fixed", rhel, "a", "pkg:rpm/redhat/a@1-%20?arch=x86_64",
              "! CVE-1 p:a: a fixed version that is none\n");
    check_one("fixed", rhel, "a", "pkg:rpm/redhat/a%0a@1-1",
              "! CVE-1 p:a: a component without a proper name\n");
    check_one("fixed", rhel, "a", "pkg:oci/ose-cli@sha256:1", "");
    check(
        "{'document':{'tracking':{'id':'X'}},'product_tree':{},'vulnerabilities':[{'cve':''},{'cve':'a b'}]}",
        "! X: a vulnerability without a proper id\n! X: a vulnerability without a proper id\n");
    /* In circles. */
    check(VEX(RHEL_8,
              IN("a", "b") ",{'full_product_name':{'product_id':'a'},'product_reference':'b','relates_to_"
                           "product_reference':'a:b'}",
              STATUS("fixed", "'a:b'")),
          "! CVE-1 a:b: a component of a component without end\n");
}

TEST(trap_r20_architectures)
{
    check(VEX(RHEL_8 "," PACKAGE("x", "pkg:rpm/redhat/a@1-2.el8?arch=x86_64") "," PACKAGE(
                  "y",
                  "pkg:rpm/redhat/"
                  "a@1-2.el8?arch="
                  "aarch64") "," PACKAGE("z",
                                         "pkg:rpm/redhat/a@1-3.el8?arch=s390x") "," PACKAGE("s",
                                                                                            "pkg:rpm/redhat/"
                                                                                            "a@1-3.el8?arch="
                                                                                            "src"),
              IN("rhel8", "x") "," IN("rhel8", "y") "," IN("rhel8", "z") "," IN("rhel8", "s"),
              STATUS("fixed", "'rhel8:x','rhel8:y','rhel8:z','rhel8:s'")),
          "centos:8 a: CVE-1 fixed Medium 1-2.el8 arch aarch64 x86_64; CVE-1 fixed Medium 1-3.el8 arch "
          "s390x\n");
    check(VEX(RHEL_8 "," PACKAGE("x", "pkg:rpm/redhat/a@1-2.el8?arch=x86_64") "," PACKAGE(
                  "y",
                  "pkg:rpm/redhat/"
                  "a@1-2.el8?arch="
                  "aarch64") "," PACKAGE("z",
                                         "pkg:rpm/redhat/a@1-2.el8?arch=s390x") "," PACKAGE("p",
                                                                                            "pkg:rpm/redhat/"
                                                                                            "a@1-2.el8?arch="
                                                                                            "ppc64le"),
              IN("rhel8", "x") "," IN("rhel8", "y") "," IN("rhel8", "z") "," IN("rhel8", "p"),
              STATUS("fixed", "'rhel8:x','rhel8:y','rhel8:z','rhel8:p'")),
          "centos:8 a: CVE-1 fixed Medium 1-2.el8\n");
}

TEST(trap_32_products)
{
    static const struct {
        const char *cpe, *want;
    } cases[] = {
        {"cpe:/a:redhat:openshift:4.16::el9",
         "centos:9 a: CVE-1 fixed Medium 1-2.el8 product openshift:4.16::el9\n"},
        {"cpe:/o:redhat:rhel_eus:9.4::baseos",
         "centos:9 a: CVE-1 fixed Medium 1-2.el8 product rhel_eus:9.4\n"},
        {"cpe:/a:redhat:rhel_extras:7", "centos:7 a: CVE-1 fixed Medium 1-2.el8 product rhel_extras:7\n"},
        {"cpe:/a:redhat:ceph_storage:5", "centos:8 a: CVE-1 fixed Medium 1-2.el8 product ceph_storage:5\n"},
        {"cpe:/a:redhat:rhel_software_collections:3",
         "centos:8 a: CVE-1 fixed Medium 1-2.el8 product rhel_software_collections:3\n"},
        {"cpe:/a:somebody:else:1::el8", ""},
        {"cpe:2.3:a:redhat:openshift:4.16:*:el9", ""},
        {"nonsense", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_one("fixed", cases[i].cpe, "a", "pkg:rpm/redhat/a@1-2.el8?arch=noarch", cases[i].want);
    check_one("known_affected", "cpe:/a:redhat:openshift:4", "a", "pkg:rpm/redhat/a?arch=src",
              "centos:7 a: CVE-1 affected Medium product openshift:4\ncentos:8 a: CVE-1 affected Medium "
              "product openshift:4\n"
              "centos:9 a: CVE-1 affected Medium product openshift:4\ncentos:10 a: CVE-1 affected Medium "
              "product openshift:4\n");
    check_one("known_not_affected", "cpe:/a:redhat:openshift:4", "a", "pkg:rpm/redhat/a?arch=src", "");
}

/* The same build in several products is one record; RHEL's is for everybody. */
TEST(redhat_products_fold)
{
#define EUS(n)                                               \
    PRODUCT("e" n, "cpe:/o:redhat:rhel_eus:9." n "::baseos") \
    "," PRODUCT("a" n, "cpe:/a:redhat:rhel_eus:9." n "::appstream")
#define EUS_IN(n) IN("e" n, "a") "," IN("a" n, "a")
#define A         "pkg:rpm/redhat/a@1-2.el9?arch=noarch"
    check(VEX(EUS("2") "," EUS("4") "," PACKAGE("a", A), EUS_IN("2") "," EUS_IN("4"),
              STATUS("fixed", "'e2:a','a2:a','e4:a','a4:a'")),
          "centos:9 a: CVE-1 fixed Medium 1-2.el9 product rhel_eus:9.2 rhel_eus:9.4\n");
    check(VEX(EUS("2") "," PRODUCT("m", "cpe:/o:redhat:enterprise_linux:9::crb") "," PACKAGE("a", A),
              EUS_IN("2") "," IN("m", "a"), STATUS("fixed", "'e2:a','a2:a','m:a'")),
          "centos:9 a: CVE-1 fixed Medium 1-2.el9\n");
}

TEST(trap_k2_kernels)
{
#define K(name)    PACKAGE(name, "pkg:rpm/redhat/" name "@5-1.el8?arch=x86_64")
#define K_IN(name) IN("rhel8", name)
    check(VEX(RHEL_8 "," K("kernel") "," K("kernel-core") "," K("kernel-rt-core") "," K(
                  "kernel-headers") "," K("kernel-modules") "," K("perf") "," K("bpftool-debuginfo"),
              K_IN("kernel") "," K_IN("kernel-core") "," K_IN("kernel-rt-core") "," K_IN(
                  "kernel-headers") "," K_IN("kernel-modules") "," K_IN("perf") "," K_IN("bpftool-debuginfo"),
              STATUS("fixed", "'rhel8:perf','rhel8:kernel','rhel8:kernel-core','rhel8:kernel-rt-core','rhel8:"
                              "kernel-headers','rhel8:kernel-modules','rhel8:bpftool-debuginfo'")),
          "centos:8 kernel: CVE-1 fixed Medium 5-1.el8 arch x86_64\ncentos:8 kernel-core: CVE-1 fixed Medium "
          "5-1.el8 arch x86_64\n"
          "centos:8 kernel-rt-core: CVE-1 fixed Medium 5-1.el8 arch x86_64\n");
    check(VEX(RHEL_8 "," BARE("kernel") "," BARE("kernel-headers") "," BARE("kernel-rt"),
              K_IN("kernel") "," K_IN("kernel-headers") "," K_IN("kernel-rt"),
              STATUS("known_affected", "'rhel8:kernel','rhel8:kernel-headers','rhel8:kernel-rt'")),
          "centos:8 kernel: CVE-1 affected Medium own name\ncentos:8 kernel-core: CVE-1 affected Medium own "
          "name\n"
          "centos:8 kernel-rt: CVE-1 affected Medium own name\ncentos:8 kernel-rt-core: CVE-1 affected "
          "Medium own name\n");
}

TEST(trap_31_fixed_version_0_is_not_affected)
{
    check_one("fixed", "cpe:/o:redhat:enterprise_linux:8", "a", "pkg:rpm/redhat/a@0?arch=x86_64",
              "centos:8 a: CVE-1 not_affected Medium arch x86_64\n");
}

TEST(redhat_debug_packages_are_left_out)
{
    static const char *const names[] = {"a-debuginfo", "a-debugsource", "glibc-debuginfo-common"};
    for (size_t i = 0; i < 3; i++) {
        char purl[128];
        snprintf(purl, sizeof purl, "pkg:rpm/redhat/%s@1-1.el8?arch=x86_64", names[i]);
        check_one("fixed", "cpe:/o:redhat:enterprise_linux:8", "a", purl, "");
    }
}

/* Parts of a document in any order. */
TEST(redhat_vulnerability_before_its_products)
{
    static const char tree[] = "'product_tree':{'relationships':[" IN(
        "rhel8", "a") "],'full_product_names':[{'product_id':'x'}],'branches':[" RHEL_8 "]}";
    static const char vulnerability[] = "{" STATUS("known_affected", "'rhel8:a'") ",'cve':'CVE-1'}";
    char text[2048];
    snprintf(text, sizeof text, "{'vulnerabilities':[%s],%s}", vulnerability, tree);
    check(text, "centos:8 a: CVE-1 affected Unknown\n");
    snprintf(text, sizeof text,
             "{%s,'vulnerabilities':[%s,{'cve':'CVE-2','product_status':{'known_affected':['rhel8:a']}}]}",
             tree, vulnerability);
    check(text, "centos:8 a: CVE-1 affected Unknown\ncentos:8 a: CVE-2 affected Unknown\n");
    snprintf(text, sizeof text, "{'vulnerabilities':[%s,%s],%s}", vulnerability, vulnerability, tree);
    refuse(text, "csaf: several vulnerabilities before their products");
}

#define SAMPLE                                  \
    VEX(RHEL_8 "," BARE("a"), IN("rhel8", "a"), \
        STATUS("known_affected",                \
               "'rhel8:a'") ",'threats':[{'category':'impact','details':'Low','product_ids':['rhel8:a']}]")

TEST(redhat_refusals)
{
    refuse("{}", "csaf: the document has no vulnerabilities");
    refuse("{'document':3}", "csaf: the document has no vulnerabilities");
    refuse("{'document':{]", "json: offset 13: expected a name, found ']'");
    refuse("", "json: offset 0: expected a value, found the end");
    refuse("<html>", "tar: header at offset 0: the archive ends 506 bytes early");
}

TEST(redhat_truncations)
{
    char *json;
    struct str text = quoted(SAMPLE, &json);
    text_truncate(&redhat_feed, text, 1);
    text_failures(&redhat_feed, text);
    free(json);
}

/* Values of other types are left out. */
TEST(redhat_odd_shapes)
{
    check("{'document':{'tracking':[],'aggregate_severity':'x'},'product_tree':{'branches':[3,{'branches':{}}"
          ",{'product':7,'branches':[[],{'product':{'product_id':1,"
          "'product_identification_helper':[]}}]}],'relationships':[1,{'full_product_name':2}]},'"
          "vulnerabilities':[1,{'cve':'CVE-1','cwe':2,"
          "'notes':[{'category':1,'text':2},4],'scores':{},'threats':[{'category':2,'product_ids':'x'}],'"
          "remediations':[7],"
          "'product_status':{'fixed':'a','known_affected':[1,'nobody']}}]}",
          "");
}

/* ---- archives, and which documents there are ---- */

struct listener {
    struct text_sink s;
};

static int on_subject(struct feed_sink *sink, struct str id, struct error *err)
{
    (void)err;
    buf_printf(&((struct text_sink *)sink)->out, "= " STR_FMT "\n", STR_ARG(id));
    return 0;
}

static int on_more(struct feed_sink *sink, struct str url, struct error *err)
{
    (void)err;
    buf_printf(&((struct text_sink *)sink)->out, "+ " STR_FMT "\n", STR_ARG(url));
    return 0;
}

static int on_remember(struct feed_sink *sink, struct str text, struct error *err)
{
    (void)err;
    buf_printf(&((struct text_sink *)sink)->out, "~ " STR_FMT "\n", STR_ARG(text));
    return 0;
}

/* What is told of a document of that name; *ret_rc is the parser's. */
static int hear(const char *name, const char *remembered, struct str text, size_t step, struct buf *out,
                struct error *err)
{
    struct memory_reader m;
    struct text_sink s = {.sink = {.row = text_row,
                                   .problem = text_problem,
                                   .more = on_more,
                                   .subject = on_subject,
                                   .remember = on_remember,
                                   .document = str_of(name),
                                   .remembered = str_of(remembered)},
                          .out = buf_make(MIB(8))};
    int rc = redhat_feed.parse(&redhat_feed, memory_reader_init(&m, text, step, err), &s.sink, err);
    buf_add_char(&s.out, 0);
    buf_done(out);
    *out = s.out;
    return rc;
}

static void check_named(const char *name, const char *remembered, const char *text, const char *want)
{
    CLEANUP(buf_done) struct buf out = {0};
    for (size_t step = 0; step < 20; step++) {
        struct error err = {0};
        assert_int_equal(hear(name, remembered, str_of(text), step, &out, &err), 0);
        assert_string_equal(out.ptr, want);
    }
}

TEST(redhat_which_documents)
{
    check_named("archive_latest.txt", "", "csaf_vex_2023-10-31.tar.zst\n",
                "~ 2023-10-31\n+ csaf_vex_2023-10-31.tar.zst\n");
    check_named("archive_latest.txt", "", "all.tar", "~ \n+ all.tar\n");
    static const char rows[] = "\"2024/cve-2024-3.json\",\"2023-11-02T01:02:03+00:00\"\r\n\"2023/"
                               "cve-2023-2.json\",\"2023-10-31T00:00:00+00:00\"\n\n"
                               "\"2023/cve-2023-1.json\",\"2023-10-30T23:59:59+00:00\"\n";
    check_named("changes.csv", "2023-10-31", rows, "+ 2024/cve-2024-3.json\n+ 2023/cve-2023-2.json\n");
    check_named("deletions.csv", "2023-10-31", rows, "= CVE-2024-3\n= CVE-2023-2\n");
    check_named(
        "changes.csv.xz", "",
        "\"../x.json\",\"2023-10-31\"\n\"a.json\"\n\"a.txt\",\"2023-10-31\"\na,b\n\"a.json\",\"2023\"\n",
        "! \"../x.json\",\"2023-10-31\": a row that names no document and date\n! \"a.json\": a row that "
        "names no document and date\n"
        "! \"a.txt\",\"2023-10-31\": a row that names no document and date\n! a,b: a row that names no "
        "document and date\n"
        "! \"a.json\",\"2023\": a row that names no document and date\n");
}

TEST(redhat_no_archive)
{
    CLEANUP(buf_done) struct buf out = {0};
    static const char *const bad[] = {"", "<html>404 not found</html>", "/etc/passwd", "../a.tar", "a//b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = {0};
        assert_int_equal(hear("archive_latest.txt", "", str_of(bad[i]), 0, &out, &err), -E_BAD_INPUT);
        assert_string_equal(err.text, "archive_latest.txt names no archive");
    }
}

TEST(redhat_many_changes)
{
    CLEANUP(buf_done) struct buf out = {0}, text = buf_make(MIB(1));
    struct error err = {0};
    for (unsigned i = 0; i < REDHAT_CHANGES_MAX + 2; i++)
        buf_printf(&text, "\"2023/cve-2023-%u.json\",\"2023-10-31\"\n", i);
    assert_int_equal(hear("changes.csv", "2023-10-31", buf_str(&text), 0, &out, &err), 0);
    assert_non_null(strstr(out.ptr, "cve-2023-4095.json\n! changes.csv: 2 documents beside the newest 4096 "
                                    "are left out until the next archive\n"));
}

TEST(redhat_long_list)
{
    CLEANUP(buf_done) struct buf out = {0}, text = buf_make(REDHAT_LIST_MAX + 2);
    struct error err = {0};
    memset(buf_room(&text, REDHAT_LIST_MAX + 1), '\n', REDHAT_LIST_MAX + 1);
    text.len = REDHAT_LIST_MAX;
    assert_int_equal(hear("changes.csv", "", buf_str(&text), 0, &out, &err), 0);
    text.len++;
    assert_int_equal(hear("changes.csv", "", buf_str(&text), 0, &out, &err), -E_LIMIT);
}

TEST(trap_r21_deleted_document)
{
    char *json;
    quoted("{'document':{'tracking':{'id':'CVE-1','status':'deleted'}}}", &json);
    check_named("cve-1.json", "", json, "= CVE-1\n");
    free(json);
}

static void put_entry(struct buf *tar, const char *name, const char *text)
{
    char *json;
    struct str body = quoted(text, &json);
    const struct tar_entry e = {.path = str_of(name), .type = TAR_REGULAR, .size = body.len};
    tar_write_header(tar, &e, 0644);
    buf_add(tar, body);
    for (size_t i = tar_write_padding(body.len); i; i--)
        buf_add_char(tar, 0);
    free(json);
}

static const char deleted[] = "{'document':{'tracking':{'id':'CVE-2','status':'deleted'}}}";

/* A document that cannot be read is told, and the others count. */
TEST(redhat_archive)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1)), out = {0};
    put_entry(&tar, "2023/cve-1.json", SAMPLE);
    put_entry(&tar, "index.txt", "no document");
    put_entry(&tar, "2023/cve-3.json", "{'document':");
    put_entry(&tar, "2023/cve-2.json", deleted);
    tar_write_end(&tar);
    for (size_t step = 0; step < 2000; step += 333) {
        struct error err = {0};
        assert_int_equal(hear("csaf.tar.zst", "", buf_str(&tar), step, &out, &err), 0);
        assert_string_equal(out.ptr, "= CVE-1\ncentos:8 a: CVE-1 affected Low\n! 2023/cve-3.json: json: "
                                     "offset 12: expected a value, found the end\n= CVE-2\n");
    }
    struct error err = {0};
    assert_int_equal(hear("x", "", (struct str){tar.ptr, 900}, 0, &out, &err), -E_BAD_INPUT);
    struct memory_reader m;
    struct text_sink s = {.sink = {.row = text_row}, .out = buf_make(MIB(1)), .fail_row = 1};
    assert_int_equal(
        redhat_feed.parse(&redhat_feed, memory_reader_init(&m, buf_str(&tar), 0, &err), &s.sink, &err),
        -E_SYSTEM);
    assert_string_equal(err.text, "the row is refused");
    buf_done(&s.out);
}

/* One that changes.csv names is one of many, too. */
TEST(redhat_changed_document_is_broken)
{
    check_named("cve-1.json", "2023-10-31",
                "{\"document\":", "! cve-1.json: json: offset 12: expected a value, found the end\n");
}

TEST(redhat_huge_archive)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1)), out = {0};
    struct error err = {0};
    const struct tar_entry e = {.path = STR("a.json"), .type = TAR_REGULAR, .size = REDHAT_ARCHIVE_MAX + 1};
    tar_write_header(&tar, &e, 0644);
    assert_int_equal(hear("x.tar", "", buf_str(&tar), 0, &out, &err), -E_LIMIT);
    assert_string_equal(err.text, "the archive has more than 274877906944 bytes");
}
