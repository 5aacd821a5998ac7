/* The values that describe.c and its neighbours tell again and again. Internal to them. */
#ifndef SEALPOST_CMS_DESCRIBE_VALUE_H
#define SEALPOST_CMS_DESCRIBE_VALUE_H

#include "cms/ber.h"
#include "cms/describe.h"
#include "cms/signed.h"

/* {oid, name?}. ERR_CMS_MALFORMED as oid_text. */
struct error *describe_value_oid(const struct describe_sink *sink, const char *name,
                                 struct bytes oid) MUST_USE;

/* Reads an AlgorithmIdentifier and tells its object identifier; parameters are passed over. */
struct error *describe_value_algorithm(const struct describe_sink *sink, const char *name,
                                       struct ber_reader *reader) MUST_USE;

/* A list of {oid, name?, values: n} of a SET OF Attribute. ERR_CMS_MALFORMED above
 * LIMIT_ATTRIBUTES. */
struct error *describe_value_attributes(const struct describe_sink *sink, const char *name,
                                        const struct ber_value *set) MUST_USE;

/* How many values there are in `set`. ERR_CMS_MALFORMED. */
struct error *describe_value_count(const struct describe_sink *sink, const char *name,
                                   const struct ber_value *set) MUST_USE;

/* issuer, serial, keyId: those that are there; of the latter two the first LIMIT_OID octets, and no
 * issuer of more than LIMIT_NAME. */
struct error *describe_value_ref(const struct describe_sink *sink, const struct cms_cert_ref *ref)
    MUST_USE;

#endif
