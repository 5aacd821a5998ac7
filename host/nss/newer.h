/* What newer NSS has and the headers of the oldest one that Sealpost is built with have not: its
 * numbers, which are part of NSS's ABI. Whether the NSS found at run time knows them is asked in
 * cms/capabilities.h. */
#ifndef SEALPOST_NSS_NEWER_H
#define SEALPOST_NSS_NEWER_H

enum newer_key_type {
    NEWER_KEY_EDWARDS = 10, /* KeyType edKey, 3.99: Ed25519 */
    NEWER_KEY_MONTGOMERY = 11 /* KeyType ecMontKey: X25519 */
};

#endif
