#include "mail/evidence.h"

#include "mail/archive.h"
#include "mail/evidence_report.h"

#include <stdlib.h>

static struct error *pack(const struct evidence_files *files, struct bytes report,
                          struct mapping **ret_zip)
{
    CLEANUP(archive_free) struct archive *archive = NULL;
    TRY(archive_new(&archive));
    TRY(archive_add(archive, "report.txt", report));
    for (size_t i = 0; i < files->count; i++) {
        TRY(archive_add(archive, files->items[i].name, files->items[i].content));
    }
    return archive_finish(archive, ret_zip);
}

static struct error *make(const struct mail_context *context, struct mapping *owner,
                          struct bytes message, struct evidence_files *files,
                          struct mapping **ret_zip)
{
    CLEANUP(open_result_free) struct open_result *result = NULL;
    CLEANUP(buffer_free) struct buffer *report = NULL;
    TRY(open_message(context, owner, message, &result));
    TRY(evidence_files_collect(owner, message, result, files));
    TRY(buffer_new(0, &report));
    TRY(evidence_report_write(context, result, files, report));
    return pack(files, buffer_view(report), ret_zip);
}

struct error *evidence_make(const struct mail_context *context, struct mapping *owner,
                            struct bytes message, struct content **ret_zip)
{
    CLEANUP(mapping_unref) struct mapping *zip = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    struct mail_context keeping = *context;
    keeping.keep_signatures = true;
    struct evidence_files *files = calloc(1, sizeof(*files));
    if (!files) {
        return error_no_memory();
    }
    struct error *error = make(&keeping, owner, message, files, &zip);
    evidence_files_done(files);
    free(files);
    TRY(error);
    TRY(content_of_slice(zip, mapping_view(zip), &content));
    *ret_zip = TAKE_PTR(content);
    return NULL;
}
