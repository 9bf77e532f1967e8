/* Red Hat's OVAL. Rows come package by package, in the order of the objects. */
#include "text_sink.h"

#define DEFINITION(id, title, class, about, criteria)                                                        \
    "<definition class=\"" class "\" id=\"oval:com.redhat." id "\"><metadata><title>" title "</title>" about \
                                 "</metadata>" criteria "</definition>"
#define CVE(id)        "<reference source=\"CVE\" ref_id=\"" id "\"/>"
#define ADVISORY(more) "<advisory from=\"x\"><severity>Important</severity>" more "</advisory>"
#define AND(inner)     "<criteria operator=\"AND\">" inner "</criteria>"
#define OR(inner)      "<criteria operator=\"OR\">" inner "</criteria>"
#define SAYS(comment)  "<criterion test_ref=\"oval:x:tst:99\" comment=\"" comment "\"/>"
#define RHEL           "Red Hat Enterprise Linux "
#define ON8(inner)                    \
    OR(SAYS(RHEL "must be installed") \
           AND(inner OR(SAYS(RHEL "8 is installed") SAYS("Red Hat CoreOS 4 is installed"))))
#define EARLIER(n, name)                                                              \
    "<criterion test_ref=\"oval:x:tst:" n "\" comment=\"" name " is earlier than\"/>" \
    "<criterion test_ref=\"oval:x:tst:50\" comment=\"" name " is signed with Red Hat redhatrelease2 key\"/>"
#define INSTALLED(n, name)                                                             \
    AND("<criterion test_ref=\"oval:x:tst:" n "\" comment=\"" name " is installed\"/>" \
        "<criterion test_ref=\"oval:x:tst:50\" comment=\"" name                        \
        " is signed with Red Hat redhatrelease2 key\"/>")
#define OBJECT(n, name) \
    "<r:rpminfo_object id=\"oval:x:obj:" n "\"><r:name>" name "</r:name></r:rpminfo_object>"
#define FIXED(n, object, evr)                                                                              \
    "<r:rpminfo_test id=\"oval:x:tst:" n "\"><r:object object_ref=\"oval:x:obj:" object "\"/><r:state "    \
    "state_ref=\"oval:x:ste:" n "\"/></r:rpminfo_test><r:rpminfo_state id=\"oval:x:ste:" n "\"><r:arch "   \
    "operation=\"pattern match\">aarch64|ppc64le|s390x|x86_64</r:arch><r:evr operation=\"less than\">" evr \
    "</r:evr></r:rpminfo_state>"
#define ANY(n, object)                                                                  \
    "<r:rpminfo_test id=\"oval:x:tst:" n "\"><r:object object_ref=\"oval:x:obj:" object \
    "\"/></r:rpminfo_test>"
#define KEY                                                                                 \
    "<r:rpminfo_test id=\"oval:x:tst:50\"><r:object object_ref=\"oval:x:obj:1\"/><r:state " \
    "state_ref=\"oval:x:ste:50\"/></r:rpminfo_test><r:rpminfo_state "                       \
    "id=\"oval:x:ste:50\"><r:signature_keyid>199e2f91fd431d51</r:signature_keyid></r:rpminfo_state>"
#define DOCUMENT(definitions, rest)                                                       \
    "<oval_definitions xmlns:r=\"x\"><definitions>" definitions "</definitions>" rest KEY \
    "</oval_definitions>"

TEST(redhat_oval_fixed) /* R19, R20, 33: one id of several names, its own impact */
{
    text_check(
        &redhat_oval_feed,
        DOCUMENT(DEFINITION(
                     "rhsa:def:1", "RHSA-2024:1: openssl security update (Important)", "patch",
                     "<reference source=\"RHSA\" ref_id=\"RHSA-2024:1\"/>" CVE("CVE-2024-1") CVE("CVE-2024-2")
                         ADVISORY("<cve impact=\"low\" cvss3=\"1/x\">CVE-2024-1</cve><cve>CVE-2024-2</cve>"),
                     ON8(EARLIER("1", "openssl-libs") EARLIER("2", "openssl-debugsource")))
                     DEFINITION("rhba:def:2", "RHBA-2024:2: no CVE", "patch", ADVISORY(""),
                                ON8(EARLIER("3", "openssl-libs"))),
                 OBJECT("1", "openssl-libs") OBJECT("2", "openssl-debugsource")
                     FIXED("1", "1", "1:3.0.7-28.el8_9") FIXED("2", "2", "1:3.0.7-28.el8_9")
                         FIXED("3", "1", "0:4-1.el8")),
        "centos:8 openssl-libs: CVE-2024-1 fixed Low 1:3.0.7-28.el8_9; CVE-2024-2 fixed High "
        "1:3.0.7-28.el8_9; "
        "RHBA-2024:2 fixed High 4-1.el8\n");
}

/* The fixes of an id stand together, whichever definitions tell them: that of the installed minor release counts. */
TEST(redhat_oval_fixes_of_an_id_together)
{
    text_check(
        &redhat_oval_feed,
        DOCUMENT(
            DEFINITION("rhsa:def:1", "A", "patch", CVE("CVE-2") ADVISORY(""), ON8(EARLIER("1", "p")))
                DEFINITION("rhsa:def:2", "B", "patch", CVE("CVE-1") ADVISORY(""), ON8(EARLIER("2", "p")))
                    DEFINITION("rhsa:def:3", "C", "patch", CVE("CVE-2") ADVISORY(""), ON8(EARLIER("3", "p"))),
            OBJECT("1", "p") FIXED("1", "1", "1-3.el8_2") FIXED("2", "1", "1-2.el8")
                FIXED("3", "1", "1-1.el8_1")),
        "centos:8 p: CVE-1 fixed High 1-2.el8; CVE-2 fixed High 1-3.el8_2; CVE-2 fixed High 1-1.el8_1\n");
}

#define RESOLUTION(state, components) "<resolution state=\"" state "\">" components "</resolution>"
#define COMPONENT(name)               "<component>" name "</component>"

TEST(redhat_oval_not_fixed)
{
    text_check(
        &redhat_oval_feed,
        DOCUMENT(DEFINITION("cve:def:1", "CVE-1 evolution: x (moderate)", "vulnerability",
                            CVE("CVE-1") "<description>Words.</description>" ADVISORY(
                                "<cve impact=\"moderate\">CVE-1</cve><affected>" RESOLUTION(
                                    "Will not fix", COMPONENT("evolution"))
                                    RESOLUTION("Fix deferred", COMPONENT("nodejs:18/nodejs")) RESOLUTION(
                                        "Out of support scope", COMPONENT("nodejs:16/nodejs")) "</affected>"),
                            OR(ON8(OR(INSTALLED("1", "evolution") INSTALLED("2", "evolution-help")))
                                   AND(SAYS(RHEL "8 is installed") SAYS("Module nodejs:18 is enabled")
                                           OR(INSTALLED("3", "nodejs")))))
                     DEFINITION("cve:def:2", "CVE-2", "vulnerability",
                                CVE("CVE-2") ADVISORY(
                                    "<affected>" RESOLUTION("Under investigation", "") "</affected>"),
                                ON8(INSTALLED("1", "evolution")))
                         DEFINITION("unaffected:def:3", "Unaffected components for: CVE-3", "vulnerability",
                                    CVE("CVE-3") "<description>Not.</description>" ADVISORY(""),
                                    ON8(INSTALLED("1", "evolution"))),
                 OBJECT("1", "evolution") OBJECT("2", "evolution-help") OBJECT("3", "nodejs") ANY("1", "1")
                     ANY("2", "2") ANY("3", "3")),
        "? CVE-1: Words.\ncentos:8 evolution: CVE-1 will_not_fix Medium; CVE-2 undetermined High\n"
        "centos:8 evolution-help: CVE-1 affected Medium\n"
        "centos:8 nodejs: CVE-1 fix_deferred Medium module nodejs:18\n");
}

/* 34, K2: what is built beside a kernel holds none. */
TEST(redhat_oval_kernels)
{
    text_check(&redhat_oval_feed,
               DOCUMENT(DEFINITION("rhsa:def:1", "A", "patch", CVE("CVE-1") ADVISORY(""),
                                   ON8(EARLIER("1", "perf") EARLIER("2", "kernel-headers")
                                           EARLIER("3", "kernel-core") EARLIER("4", "other")))
                            DEFINITION("cve:def:2", "CVE-2", "vulnerability", CVE("CVE-2") ADVISORY(""),
                                       ON8(OR(INSTALLED("5", "kernel-core") INSTALLED("6", "perf")))),
                        OBJECT("1", "perf") OBJECT("2", "kernel-headers") OBJECT("3", "kernel-core")
                            OBJECT("4", "other") FIXED("1", "1", "0:4.18.0-553.el8")
                                FIXED("2", "2", "0:4.18.0-553.el8") FIXED("3", "3", "0:4.18.0-553.el8")
                                    FIXED("4", "4", "0:1-1.el8") ANY("5", "3") ANY("6", "1")),
               "centos:8 kernel-core: CVE-1 fixed High 4.18.0-553.el8; CVE-2 affected High\n"
               "centos:8 other: CVE-1 fixed High 1-1.el8\n");
}

TEST(redhat_oval_refusals)
{
    text_check(&redhat_oval_feed,
               DOCUMENT(DEFINITION("rhsa:def:1", "A", "patch", CVE("CVE-1") ADVISORY(""),
                                   OR(AND(EARLIER("1", "p") SAYS(RHEL "8.1 is installed")
                                              SAYS("Red Hat OpenShift 4 is installed"))
                                          AND(SAYS(RHEL "9 is installed") EARLIER("1", "p")))),
                        OBJECT("1", "p") FIXED("1", "1", "a b")),
               "! A: an evr that is none\n");
}
