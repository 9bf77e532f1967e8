/* Every bound on what comes from outside: number, reason, and the test that reaches it ("test: file name").
   scripts/check-limits fails when one has no test, or names one that does not exist. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

/* Not a bound but a size: what an arena asks malloc for at once. test: unit/base/arena.c arena_blocks */
#define ARENA_BLOCK KIB(64)

/* ---- os: the worker and its sandbox ---- */
/* One message between parent and worker; the kernel queues a few of them. test: unit/os/worker.c
   worker_long_answer */
#define WORKER_FRAME_MAX KIB(64)
/* Arguments of a job travel in one message with its name. test: unit/os/worker.c worker_long_args */
#define WORKER_ARGS_MAX KIB(48)
/* Address space of a worker: zstd's largest window (128 MiB), xz's dictionary (96 MiB), one unit of work, its
   threads' stacks. test: unit/os/worker.c worker_eats_memory */
#define WORKER_MEMORY_MAX GIB(1)
/* Processor time of one worker; bzip2 at 33 MB/s takes 17 minutes for LAYER_TAR_MAX. test: unit/os/worker.c
   worker_sandbox */
#define WORKER_CPU_SECONDS 3600
/* A worker that reports nothing for so long, with input waiting, hangs. test: unit/os/worker.c worker_hangs */
#define WORKER_STALL_SECONDS 60
/* A worker is replaced after so many jobs, which bounds what one job can leave behind. test: unit/os/worker.c
   worker_many_jobs */
#define WORKER_JOBS_MAX 64

/* A line of the log: as many bytes as a pipe takes whole. test: unit/os/log.c log_long_values */
#define LOG_LINE_MAX 4096
/* One value of it, before escapes. test: unit/os/log.c log_long_values */
#define LOG_VALUE_MAX 1024

/* ---- model and detect: what one layer may say ---- */
/* Debian's whole archive as one status file has 64,000 packages. test: unit/scan/layer_job.c layer_too_many_packages */
#define LAYER_PACKAGES_MAX 200000
/* Records about files (wanted ones, links, whiteouts over them); distroless images have one a package. test:
   unit/scan/layer_job.c layer_too_many_files */
#define LAYER_FILES_MAX 250000
/* Repositories that a layer names; images of Red Hat name ten. test: unit/scan/layer_job.c layer_too_many_repositories */
#define LAYER_REPOSITORIES_MAX 1024
/* Of one file: a package may be from any of them, and each is a name to look up. test: unit/detect/repositories.c
   content_sets_too_many */
#define FILE_REPOSITORIES_MAX 256
/* A content manifest, which beside content sets may list all that the image was built from. test:
   unit/detect/repositories.c content_sets_too_big */
#define CONTENT_SETS_MAX MIB(32)
/* The manifest of an image that chisel has cut. test: unit/detect/chisel.c chisel_too_big */
#define CHISEL_MANIFEST_MAX MIB(16)
/* The same unpacked; of 10,000 files it has 2 MB. test: unit/detect/chisel.c chisel_bomb */
#define CHISEL_UNPACKED_MAX MIB(64)
/* dnf's history; a hundred updates of 2,000 packages have 5 MB. test: unit/detect/dnf_history.c dnf_history_too_big */
#define DNF_HISTORY_MAX MIB(8)
/* The list of Red Hat's repositories has 7,000, in 2 MB. Of how many products one is: some ten with 40 bytes each. test:
   unit/feed/redhat_repositories.c repositories_with_too_many_products */
#define PRODUCTS_MAX KIB(8)
/* Of all repositories that a package may be from; all products of Red Hat's list have 60 KB. test: unit/scan/products.c
   products_too_many */
#define PACKAGE_PRODUCTS_MAX KIB(64)
/* The status of Ubuntu Pro has 10 KB. test: unit/detect/repositories.c ubuntu_pro_too_big */
#define UBUNTU_PRO_MAX MIB(1)
/* After so many complaints about one layer the rest is only counted. test: unit/scan/layer_job.c layer_too_many_problems */
#define LAYER_PROBLEMS_MAX 100
/* A layer's inventory on the wire: LAYER_PACKAGES_MAX ordinary packages. test: unit/model/inventory.c inventory_budget */
#define INVENTORY_MAX MIB(48)
/* Any name, version or path in an inventory; PATH_MAX is 4096. test: unit/model/inventory.c inventory_long_text */
#define INVENTORY_TEXT_MAX 4096
/* As Clair reads; the status file of Debian's whole archive is 60 MB, the largest seen in an image has 9. test: unit/detect/dpkg.c
   dpkg_too_big */
#define DPKG_STATUS_MAX MIB(200)
/* One package's stanza. test: unit/detect/dpkg.c dpkg_too_big */
#define DPKG_STATUS_D_MAX MIB(1)
/* A name or version of a package; real ones have tens of bytes, file names 255. test: unit/detect/dpkg.c dpkg_long_fields */
#define PACKAGE_FIELD_MAX 512
/* Alpine's list of installed packages has every file's name and digest: 5 MB in large images. test: unit/detect/apk.c
   apk_too_big */
#define APK_INSTALLED_MAX MIB(200)
/* What pacman keeps of one package; those with most dependencies have 20 KB. test: unit/detect/pacman.c pacman_too_big */
#define PACMAN_DESC_MAX MIB(1)
/* rpm's database is read whole; of 2,000 packages with all their files it has 200 MB, and images seldom have 500. test:
   unit/detect/rpm.c rpm_too_big */
#define RPM_DATABASE_MAX MIB(256)
/* One package's header; those with most files, of kernels and fonts, have 10 MB. test: unit/detect/rpm_bdb.c
   rpm_bdb_huge_header */
#define RPM_HEADER_MAX MIB(32)
/* Entries in it, as rpm itself allows; packages have about 60. test: unit/detect/rpm_header.c rpm_header_many_entries */
#define RPM_HEADER_ENTRIES_MAX 65535
/* A row of an SQLite table: rpm's are headers. test: unit/detect/sqlite.c sqlite_huge_row */
#define SQLITE_ROW_MAX RPM_HEADER_MAX
/* Levels of a table; four are enough for 256 MiB. test: unit/detect/sqlite.c sqlite_deep */
#define SQLITE_DEPTH_MAX 20
/* What is kept of a line; more than any field of a package, lines may be of any length. test: unit/stream/lines.c
   lines_long */
#define LINE_HEAD_MAX KIB(1)
/* The list of packages of a distroless image: 30 lines of 200 bytes. test: unit/detect/rpm_manifest.c rpm_manifest_too_big */
#define RPM_MANIFEST_MAX MIB(4)
/* os-release and its kin have some hundred bytes. test: unit/detect/release.c release_too_big */
#define RELEASE_FILE_MAX KIB(64)
/* An uncompressed layer; the largest machine-learning layers are about 20 GB. test: e2e/test_hostile.py
   test_layer_size_limit */
#define LAYER_TAR_MAX GIB(64)
/* Damaged places of one file, after which the rest is not read. test: unit/detect/apk.c apk_many_problems */
#define DETECTION_PROBLEMS_MAX 1000
/* What a detector may keep of all files of a layer: a database of rpm and its write-ahead log. test: unit/detect/rpm.c
   rpm_log_too_big */
#define DETECTION_KEEP_MAX (RPM_DATABASE_MAX + MIB(32))
/* What a detector may keep while it reads one file. test: unit/detect/dpkg.c dpkg_too_big */
#define DETECTION_MEMORY_MAX MIB(16)

/* ---- scan ---- */
/* Links followed for one path, as Linux does. test: unit/scan/merge.c merge_link_loop */
#define LINKS_MAX 40

/* ---- net: URLs, challenges, HTTP ---- */
/* Signed URLs of blob stores have 2 KB; servers refuse 8 KB. test: unit/net/url.c url_too_long */
#define URL_MAX KIB(8)
/* Registries send three; the array is per request. test: unit/net/challenge.c challenge_many_params */
#define CHALLENGE_PARAMS_MAX 32

/* ---- format: documents ---- */
/* Not a bound but a size: the window of a JSON reader. test: unit/format/json.c json_windows */
#define JSON_WINDOW KIB(64)
/* One string or number; the longest seen is an image's label of 300 KB. test: unit/format/json.c json_long_token */
#define JSON_TOKEN_MAX MIB(4)
/* Nested objects and arrays; manifests and feeds have ten. A multiple of 64. test: unit/format/json.c json_deep */
#define JSON_DEPTH_MAX 512

/* ---- store ---- */
/* Another limpid may hold the write lock while it loads a feed; then we say so. test: unit/store/store.c store_busy */
#define STORE_BUSY_MS 20000
/* No row is larger: an inventory is the largest. test: unit/store/store.c store_large_value */
#define STORE_VALUE_MAX (64 << 20)
/* All that one feed says, in memory until it is written; 3.9 million of all documents of SUSE take 220 MiB. test: unit/store/load.c
   load_too_large */
#define FEED_LOAD_MAX MIB(512)
/* Names that one question lists: the packages of one layer. test: unit/store/load.c db_list_too_long */
#define STORE_LIST_MAX MIB(16)

/* Rows that nothing refers to and that one transaction removes: 100 sets of features have 40,000 lines, which take 0.1 s.
   test: unit/store/garbage.c garbage_in_batches */
#define GARBAGE_BATCH 100
/* Posts under way that a removal waits for, before it gives up for this time: those that come wait behind it. test:
   unit/store/garbage.c garbage_waits_for_posts */
#define GARBAGE_WAIT_MS 2000
/* Seconds for which a deleted notification, and what it shows, is kept: its receiver may ask once more. test:
   unit/store/garbage.c garbage_notifications */
#define NOTIFICATION_KEPT (7L * 86400)
/* Seconds after which a notification that nobody deleted is one no more: without a webhook nobody ever will. test:
   unit/store/garbage.c garbage_notifications */
#define NOTIFICATION_LIFE (180L * 86400)
/* Seconds for which the inventory of a layer that was scanned, but never posted, is kept. test: unit/store/garbage.c
   garbage_inventories */
#define INVENTORY_LIFE (90L * 86400)

/* ---- stream: unpacking and tar ---- */
/* Not a bound but a size: unpacked bytes lent at once; larger costs cache misses, smaller costs calls. test:
   unit/stream/decompress.c decompress_window_sizes */
#define UNPACK_BUFFER KIB(256)
/* Packed bytes given to a codec at once: what their 32-bit counters hold. test: unit/stream/decompress.c
   decompress_large_window */
#define UNPACK_STEP_MAX ((size_t)1 << 30)
/* zstd --ultra --long=27 needs this window (128 MiB); larger ones need a flag from whoever unpacks. test:
   unit/stream/decompress.c zstd_large_window */
#define ZSTD_WINDOW_LOG_MAX 27
/* xz -9 needs 65 MiB to unpack. test: unit/stream/decompress.c xz_much_memory */
#define XZ_MEMORY_MAX MIB(96)
/* Headers of one archive: the largest images have a million files, and an ordinary file has up to two headers. Four
   million take two seconds. test: unit/stream/tar_limits.c tar_too_many_headers */
#define TAR_HEADERS_MAX (4 << 20)
/* Records of one pax header; extended attributes make the longest, and Linux limits those to 64 KiB each. test:
   unit/stream/tar_limits.c tar_long_pax */
#define TAR_PAX_MAX MIB(1)
/* A GNU long name; Linux cannot make paths over 4096 bytes. test: unit/stream/tar_limits.c tar_long_name */
#define TAR_LONG_NAME_MAX KIB(64)
/* A path or link target without needless parts: PATH_MAX. test: unit/stream/tar_limits.c tar_long_path */
#define TAR_PATH_MAX 4096
/* Pieces of a sparse file: 1 MiB of memory. test: unit/stream/tar_limits.c tar_many_pieces */
#define TAR_SPARSE_MAX (64 << 10)
/* Name resolution, TCP and TLS handshake together; 30 seconds are four SYN retries. test: unit/net/http.c http_connect_stalls */
#define NET_CONNECT_SECONDS 30
/* Who sends less than NET_SLOW_BYTES for so long, while we would read, stands still or pretends to work.
   test: unit/net/http.c http_stalls */
#define NET_STALL_SECONDS 60
/* The slowest that can still be of use: a byte a second would keep us for years. test: unit/net/http.c http_trickles */
#define NET_SLOW_BYTES 1024
/* Registries send 2 KB; three answers' worth of proxies and content policies. test: unit/net/http.c http_headers_too_long */
#define HTTP_HEADERS_MAX KIB(64)
/* As many as browsers follow; registries need two. test: unit/net/http.c http_redirects_forever */
#define HTTP_REDIRECTS_MAX 10
/* Attempts in a row that bring nothing. test: unit/net/http.c http_gives_up */
#define HTTP_ATTEMPTS_MAX 4
/* Attempts for one body, however much each brings. test: unit/net/http.c http_cut_forever */
#define HTTP_RESUMES_MAX 24
/* Not a bound but a default: the first pause; each one after it is twice as long. test: unit/net/http.c http_gives_up */
#define HTTP_BACKOFF_MS 500
/* The first pause of a client of the API that waits for its layer. test: unit/scan/posted.c posted_refusals */
#define FETCH_BACKOFF_MS 100
/* All pauses of a request together: whoever asks for longer is told to the user. test: unit/net/http.c http_retry_after_too_long */
#define HTTP_WAIT_SECONDS 90
/* What is kept of an answer that refuses: it is shown as one sentence. test: unit/net/http.c http_refusal_cut */
#define HTTP_REFUSAL_MAX KIB(64)
/* Not a bound but a size: what libcurl reads at once. test: unit/net/http.c http_resumes */
#define HTTP_WINDOW KIB(256)
/* Debian's bundle has 220 KB. test: unit/net/http.c http_ca_file */
#define CA_BUNDLE_MAX MIB(8)

/* Entries of a zip; OSV's largest archives have 300,000. test: unit/stream/zip.c zip_many_entries */
#define ZIP_ENTRIES_MAX 1048576
/* PATH_MAX. test: unit/stream/zip.c zip_long_name */
#define ZIP_NAME_MAX 4096

/* ---- net: the server ---- */
/* Not a bound but a size: what a connection may use for one head and the fields of its answer. 1,000 idle ones keep
   24 MB. test: unit/net/server_limits.c server_long_head */
#define SERVER_CONNECTION_MEMORY KIB(24)
/* Method, target and fields of a request; browsers send 1 KB, tokens of identity providers have 4. test:
   unit/net/server_limits.c server_long_head */
#define SERVER_HEAD_MAX KIB(12)
/* As other servers. test: unit/net/server_limits.c server_long_target */
#define SERVER_TARGET_MAX KIB(8)
/* Browsers behind three proxies send 30. test: unit/net/server_limits.c server_many_fields */
#define SERVER_FIELDS_MAX 64
/* Not a bound but a default: Clair reads as much of a body. test: unit/net/server_limits.c server_body_default */
#define SERVER_BODY_MAX MIB(1)
/* So many times what is kept of a body is read, for a client that reads no answer before it has sent all. test:
   unit/net/server_limits.c server_body_cut */
#define SERVER_BODY_SWALLOW 16
/* One answer; an image of 5,000 packages with all findings has 20 MB. test: unit/net/server_limits.c server_long_answer */
#define SERVER_ANSWER_MAX MIB(64)
/* The fields of one answer; a Location may have 8 KB. test: unit/net/server_limits.c server_long_answer */
#define SERVER_ANSWER_HEAD_MAX KIB(9)
/* All bodies and answers that are kept at a time, so that clients that read nothing do not fill memory. test:
   unit/net/server_limits.c server_memory */
#define SERVER_MEMORY_MAX MIB(256)
/* Not a bound but a default: connections in all. test: unit/net/server_limits.c server_connections */
#define SERVER_CONNECTIONS_MAX 1024
/* Not a bound but a default: connections of one address, or one IPv6 network of a customer. An ingress is one, too.
   test: unit/net/server_limits.c server_connections_of_one */
#define SERVER_ADDRESS_CONNECTIONS_MAX 512
/* Slow requests that wait for a thread; more are told to come later. test: unit/net/server_limits.c server_queue_full */
#define SERVER_QUEUE_MAX 512
/* Not a bound but a default. test: unit/net/server_limits.c server_queue_full */
#define SERVER_SLOW_THREADS 8
/* Event threads where there are more cores: each does 50,000 requests a second. test: unit/net/server.c server_many_threads */
#define SERVER_EVENT_THREADS_MAX 16
/* Not a bound but a default: between two requests of a connection. test: unit/net/server_limits.c server_idle_cut */
#define SERVER_IDLE_MS 60000
/* Not a bound but a default: the head of a request, and again its body beyond SERVER_SLOW_BYTES a second. test:
   unit/net/server_limits.c server_slow_head */
#define SERVER_RECEIVE_MS 10000
/* Not a bound but a default: in which SERVER_SLOW_BYTES a second of a long answer must be taken. test: unit/net/server_limits.c
   server_slow_reader */
#define SERVER_SEND_MS 30000
/* Bytes a second of a client that is slow but honest: an old modem. test: unit/net/server_limits.c server_slow_body */
#define SERVER_SLOW_BYTES 4096

/* ---- report ---- */
/* A written report: a million findings of 250 bytes. test: unit/report/report.c report_budget */
#define REPORT_MAX MIB(256)
/* What a user's template computes with; 100,000 findings take 140 MiB, and 330 when it lists the vectors of each. test:
   unit/report/template.c template_memory */
#define TEMPLATE_MEMORY_MAX MIB(512)
/* Steps of a template; 100,000 findings with thirty values each take ten million. test: unit/report/template.c
   template_steps */
#define TEMPLATE_STEPS_MAX 20000000
/* Blocks and brackets within each other; people write five. test: unit/report/template.c template_deep */
#define TEMPLATE_DEPTH_MAX 100

/* ---- model and feed: what is known ---- */
/* An id, a package's name, a namespace or a version; Debian's longest has 60 bytes. test: unit/model/advisory.c
   advisory_long_text */
#define ADVISORY_TEXT_MAX 255
/* A vector, a weakness or an address of a vulnerability; vectors of CVSS 4 with all metrics have 250 bytes. test:
   unit/model/vulnerability.c vulnerability_long_text */
#define VULNERABILITY_TEXT_MAX 1023
/* All advisories of one package: the kernel's 15,000 have 600 KB. test: unit/feed/debian.c debian_too_large_row */
#define ADVISORY_ROW_MAX MIB(4)
/* One record of OSV in memory: those of Ubuntu's kernels list 100,000 versions. test: unit/feed/osv.c osv_huge_record */
#define OSV_RECORD_MAX MIB(32)
/* One record of NVD in memory; the largest have 4 KB of text beside products. test: unit/feed/nvd.c nvd_huge_record */
#define NVD_RECORD_MAX MIB(4)
/* One group of Arch's tracker in memory; the largest has 100 ids. test: unit/feed/arch.c arch_huge_group */
#define ARCH_GROUP_MAX MIB(1)
/* One OVAL document in memory; SUSE's of a service pack, of 200 MB, takes 50 MB. test: unit/feed/oval.c oval_huge */
#define OVAL_MEMORY_MAX MIB(192)
/* Namespaces that one OVAL document may speak of; SUSE's of a whole line speaks of 9. test: unit/feed/oval.c
   oval_many_namespaces */
#define OVAL_NAMESPACES_MAX 64
/* One CVRF document in memory; openEuler's kernels have 100 KB. test: unit/feed/cvrf.c cvrf_huge */
#define CVRF_MEMORY_MAX MIB(16)
/* One update of updateinfo.xml in memory; those of texlive have 6,000 packages. test: unit/feed/updateinfo.c updateinfo_huge */
#define UPDATEINFO_MEMORY_MAX MIB(16)
/* One CSAF document in memory; the largest of Red Hat's, of 50 MB, names 100,000 products: 30 MiB. test: unit/feed/csaf.c
   csaf_huge */
#define CSAF_MEMORY_MAX MIB(192)
/* All documents of Red Hat's archive; 50,000 with 1 MB each have 50 GB. test: unit/feed/redhat.c redhat_huge_archive */
#define REDHAT_ARCHIVE_MAX GIB(256)
/* The list of documents that were ever changed; 50,000 rows have 3 MB. test: unit/feed/redhat.c redhat_long_list */
#define REDHAT_LIST_MAX MIB(16)
/* Not a bound but a choice: so many changed documents are read one by one; an archive is made each day. test:
   unit/feed/redhat.c redhat_many_changes */
#define REDHAT_CHANGES_MAX 4096
/* Namespaces that one Debian tracker may speak of; it has five. test: unit/feed/debian.c debian_many_releases */
#define DEBIAN_NAMESPACES_MAX 32

/* ---- oci: what an image says of itself ---- */
/* The distribution specification lets a registry refuse manifests over 4 MiB. test: unit/oci/document.c oci_huge */
#define OCI_DOCUMENT_MAX MIB(4)
/* What a document becomes in memory: its texts, and lists that grow by doubling. test: unit/oci/document.c oci_arena */
#define OCI_ARENA_MAX MIB(32)
/* A document in its wire form; numbers and lengths add little to the texts. test: unit/image/document.c document_long */
#define OCI_WIRE_MAX MIB(8)
/* overlayfs mounts at most 500 layers, Docker makes at most 127. test: unit/oci/document.c oci_many_layers */
#define OCI_LAYERS_MAX 1024
/* Images in an index; a layout that mirrors a repository has hundreds. test: unit/oci/document.c oci_many_manifests */
#define OCI_MANIFESTS_MAX 8192
/* Steps of a Dockerfile, with and without layer. test: unit/oci/document.c oci_many_history */
#define OCI_HISTORY_MAX 4096
/* Images in one docker save. test: unit/oci/document.c oci_many_saved */
#define OCI_SAVED_MAX 1024
/* Names of one image in it. test: unit/oci/document.c oci_many_saved */
#define OCI_TAGS_MAX 1024
/* Reasons that a registry gives for one refusal; the first is shown. test: unit/oci/document.c oci_many_errors */
#define OCI_ERRORS_MAX 16
/* Indexes within indexes; buildkit makes two. test: unit/image/resolve.c resolve_depth */
#define OCI_DEPTH_MAX 4
/* Files and links in an archive of images: three a layer, for ten images of 300 layers. A root file system has more, and so
   is recognised. test: unit/oci/archive_index.c archive_many_entries */
#define ARCHIVE_ENTRIES_MAX 10000
/* Memory of that list; a path has 80 bytes. test: unit/oci/archive_index.c archive_long_paths */
#define ARCHIVE_INDEX_MAX MIB(8)
/* Links from a layer to a layer; skopeo and old Docker make one. test: unit/oci/archive_index.c archive_link_loop */
#define ARCHIVE_LINKS_MAX 8
/* What a compressed archive may become in the cache folder. test: unit/image/archive.c archive_unpacked_too_large */
#define ARCHIVE_UNPACKED_MAX GIB(32)

/* ---- configuration ---- */
/* A configuration file; people write some hundred lines. test: e2e/test_options.py test_huge_configuration */
#define CONFIG_MAX MIB(1)
/* Levels of mappings in it. test: unit/format/yaml.c yaml_too_deep */
#define YAML_DEPTH_MAX 16

/* ---- update ---- */
/* A feed's document, unpacked; the Debian tracker has about 70 MB. test: e2e/test_update.py test_document_limit */
#define FEED_DOCUMENT_MAX GIB(2)
/* What a publisher may send, packed or not. test: e2e/test_update.py test_document_limit */
#define FEED_DOWNLOAD_MAX GIB(1)
/* One row is one batch at least: linux has 12,000 advisories of 40 bytes in a release. test: unit/update/feed_job.c
   batch_too_large */
#define FEED_BATCH_MAX MIB(16)
/* Documents of one feed in a local folder; Red Hat's, unpacked, are 40,000. test: unit/update/documents.c documents_many */
#define FEED_FILES_MAX 100000
/* The list of their names. test: unit/update/documents.c documents_many */
#define FEED_FILES_LIST_MAX MIB(64)
/* Folders within folders that such a folder may have. test: unit/update/documents.c documents_deep */
#define FEED_FOLDERS_MAX 4
/* Documents that others name; Fedora's eight name one each, openEuler's index 8,000. test: e2e/test_feeds.py
   test_index_of_documents */
#define FEED_MORE_MAX 32768
/* All that crosses the pipe of a vulnerability beside its description: seven texts at most. test: unit/update/feed_job.c
   facts_cross_the_pipe */
#define FEED_FACTS_MAX KIB(8)
/* What a document may keep for those behind it: a date. test: unit/update/feed_job.c remembered_text */
#define FEED_REMEMBERED_MAX 255
/* What is kept of a description; the longest published ones have 4 KB. test: unit/update/feed_job.c feed_long_description */
#define FEED_DESCRIPTION_MAX KIB(8)
/* Records of a feed that are told one by one when they cannot be used; of the rest, how many. test:
   unit/update/feed_job.c problems_counted */
#define FEED_PROBLEMS_MAX 20
/* All results of one run of the command line: inventories of layers, merging them, packages, findings. The largest real
   image seen takes 3 MiB. test: unit/scan/scan.c scan_budget */
#define SCAN_MEMORY_MAX MIB(512)

/* ---- client: configurations and servers ---- */
/* A configuration in memory: CONFIG_MAX bytes of it, of which each word is a node. test: unit/client/config.c config_budget */
#define CONFIG_MEMORY_MAX MIB(16)
/* What a server may say of one image: 600 bytes a finding; the largest image seen has 5,000. test: unit/client/clair.c
   clair_long_answer */
#define CLAIR_ANSWER_MAX MIB(64)
/* The same in memory. test: unit/client/answer.c answer_budget */
#define CLAIR_MEMORY_MAX MIB(256)
/* A server fetches and reads a layer before it says a word; Clair itself gives up after 900 seconds. test:
   unit/client/clair.c clair_silence */
#define CLAIR_SILENCE_SECONDS 1800
/* Not a bound but a default: images pushed or analysed at once. test: unit/client/batch.c batch_lanes */
#define BATCH_LANES 4
/* Each has a worker and two connections. test: unit/client/batch.c batch_lanes */
#define BATCH_LANES_MAX 32
/* ---- server ---- */
/* What one answer is made in: a layer with 5,000 packages and 50,000 vulnerabilities. test: unit/server/api.c
   api_memory */
#define API_MEMORY_MAX MIB(128)
/* Answers that are kept: 200 of large images. test: unit/server/cache.c cache_bounded */
#define ANSWER_CACHE_MAX MIB(24)
/* Levels of a vulnerability's metadata; NVD's has three. test: unit/server/go_json.c go_deep */
#define METADATA_DEPTH_MAX 24

/* ---- format: deb822 ---- */
/* The wanted fields of one stanza; the longest field in Debian's archive has 200 KB. test: unit/format/deb822.c
   deb822_long_stanza */
#define DEB822_STANZA_MAX MIB(1)
/* Fields that a caller can want: dpkg's status takes eight. test: unit/format/deb822.c deb822_many_names */
#define DEB822_FIELDS_MAX 16
/* No wanted name is so long; Debian's longest has 30 bytes. test: unit/format/deb822.c deb822_long_name */
#define DEB822_NAME_MAX 64
/* Levels of elements; OVAL has ten. test: unit/format/xml.c xml_deep */
#define XML_DEPTH_MAX 64
/* Of one element; OVAL has six. test: unit/format/xml.c xml_many_attributes */
#define XML_ATTRIBUTES_MAX 64
/* One tag, and the names of all open elements. test: unit/format/xml.c xml_long_tag */
#define XML_TAG_MAX KIB(64)
/* Text of one element; descriptions of errata have 20 KB. test: unit/format/xml.c xml_long_text */
#define XML_TEXT_MAX MIB(1)
/* Levels of what we write ourselves; a report has six. test: unit/format/json_write.c json_write_deep */
#define JSON_WRITE_DEPTH_MAX 32

/* ---- image: registries and who we are there ---- */
/* Docker's configuration; with a hundred registries it has 20 KB. test: unit/image/credentials.c credentials_file_too_long */
#define CREDENTIALS_FILE_MAX MIB(1)
/* What a credential helper says: a token of a cloud has 4 KB. test: unit/image/credentials.c credentials_helper_misbehaves */
#define CREDENTIAL_ANSWER_MAX KIB(64)
/* A helper may ask the user to unlock a key ring. test: unit/image/credentials.c credentials_helper_hangs */
#define CREDENTIAL_SECONDS 60
/* Mirrors of one registry; people name two. test: unit/image/registry.c registry_many_mirrors */
#define REGISTRY_MIRRORS_MAX 8
/* A blob whose size the manifest does not state (schema 1). test: unit/image/registry.c registry_huge_blob */
#define REGISTRY_BLOB_MAX GIB(64)
/* Not a bound but a size: of the pipe to the worker, what a user may have without asking. test: e2e/test_registry.py
   test_large_layer */
#define FEEDER_PIPE_SIZE (1 << 20)
/* Not a bound but a pause: how long a full pipe is waited for before looking up. test: unit/image/registry.c
   registry_closed_early */
#define FEEDER_PIPE_MS 100
