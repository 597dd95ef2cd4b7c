/* Kasane: whether a certificate chain is trusted, for what, under which date's rules, and whether it
 * was revoked. The C ABI of the crate kasane-verify.
 *
 * Handles are opaque. What ..._new() or kasane_verify() gives is freed once by the ..._free() of its kind;
 * freeing NULL does nothing. A handle that was freed must not be used.
 * NULL is never followed: a function that needs a handle says KASANE_STATUS_NULL_ARGUMENT, an accessor
 * gives NULL, zero or the first constant. NULL with a length of zero is an empty buffer.
 * Strings that come in are UTF-8 and end with a zero. Strings that come out do as well, and belong to
 * the handle they were asked of.
 * Threads: a verifier may be used by many at once, also while CRLs are added. Anchors and options, once
 * filled, and results may be read by many at once. A handle that is being changed or freed belongs to
 * one thread.
 *
 * Made by cbindgen from bindings/c/src; a test compares. Do not edit. */

#ifndef KASANE_VERIFY_H
#define KASANE_VERIFY_H

#include <stddef.h>
#include <stdint.h>

/*
 The version of the ABI that this header describes. It grows when a program that was compiled
 against an older header would break; functions and constants that are added do not.
 */
#define KASANE_ABI_VERSION 1

/*
 How a call went.
 */
typedef enum {
  /*
   Done.
   */
  KASANE_STATUS_OK = 0,
  /*
   A handle or a buffer is missing.
   */
  KASANE_STATUS_NULL_ARGUMENT = 1,
  /*
   An argument is not one of those that the function knows, or a string is no UTF-8.
   */
  KASANE_STATUS_BAD_ARGUMENT = 2,
  /*
   Certificates, CRLs, responses or a policy that cannot be read: see kasane_last_error_code().
   */
  KASANE_STATUS_BAD_INPUT = 3,
  /*
   A fault of this library.
   */
  KASANE_STATUS_PANICKED = 4,
} KasaneStatus;

/*
 How it went.
 */
typedef enum {
  /*
   There is no result: the handle was NULL.
   */
  KASANE_VERDICT_NONE = 0,
  /*
   There is a trusted path.
   */
  KASANE_VERDICT_VERIFIED = 1,
  /*
   There is none: see kasane_result_code() and its neighbours.
   */
  KASANE_VERDICT_REFUSED = 2,
  /*
   Evidence is missing: see kasane_result_request_count(). Not a yes.
   */
  KASANE_VERDICT_NEEDS_EVIDENCE = 3,
} KasaneVerdict;

/*
 What certificates are for, as the dated policy sees it.
 */
typedef enum {
  /*
   Terminals of facilities.
   */
  KASANE_CLASS_TERMINAL = 1,
  /*
   Systems that call others.
   */
  KASANE_CLASS_SYSTEM_CLIENT = 2,
  /*
   TLS servers.
   */
  KASANE_CLASS_SERVER = 3,
  /*
   Staff of the authority.
   */
  KASANE_CLASS_OPERATOR = 4,
  /*
   Tests of whether the new kind is accepted.
   */
  KASANE_CLASS_PROBE = 5,
  /*
   OCSP signers.
   */
  KASANE_CLASS_STATUS = 6,
  /*
   Certification authorities.
   */
  KASANE_CLASS_CA = 7,
} KasaneClass;

/*
 Kinds of names in a subject alternative name.
 */
typedef enum {
  /*
   A host name, compared by RFC 9525.
   */
  KASANE_NAME_KIND_DNS = 1,
  /*
   A URI, compared character by character.
   */
  KASANE_NAME_KIND_URI = 2,
  /*
   A mailbox.
   */
  KASANE_NAME_KIND_MAILBOX = 3,
  /*
   An IP address, written as text.
   */
  KASANE_NAME_KIND_IP = 4,
} KasaneNameKind;

/*
 What the end entity wants to do with its key.
 */
typedef enum {
  /*
   Authenticate as a client (id-kp-clientAuth).
   */
  KASANE_PURPOSE_CLIENT_AUTH = 1,
  /*
   Authenticate as a server (id-kp-serverAuth).
   */
  KASANE_PURPOSE_SERVER_AUTH = 2,
  /*
   Sign OCSP responses for its issuer (id-kp-OCSPSigning).
   */
  KASANE_PURPOSE_OCSP_SIGNING = 3,
  /*
   Sign CRLs.
   */
  KASANE_PURPOSE_CRL_SIGNING = 4,
  /*
   Anything: only that the certificate is genuine.
   */
  KASANE_PURPOSE_ANY = 5,
} KasanePurpose;

/*
 What revocation status a certificate must have.
 */
typedef enum {
  /*
   Known and good: without evidence there is no path. The default.
   */
  KASANE_REQUIREMENT_HARD_FAIL = 1,
  /*
   Revoked is refused; when no evidence can be had the path stands, and its statuses say so.
   */
  KASANE_REQUIREMENT_SOFT_FAIL = 2,
  /*
   Not looked at.
   */
  KASANE_REQUIREMENT_DANGEROUSLY_UNCHECKED = 3,
} KasaneRequirement;

/*
 Which evidence counts, and which is looked at first.
 */
typedef enum {
  /*
   OCSP, then CRLs. The default.
   */
  KASANE_SOURCES_OCSP_THEN_CRL = 1,
  /*
   CRLs, then OCSP.
   */
  KASANE_SOURCES_CRL_THEN_OCSP = 2,
  /*
   OCSP alone.
   */
  KASANE_SOURCES_OCSP_ONLY = 3,
  /*
   CRLs alone.
   */
  KASANE_SOURCES_CRL_ONLY = 4,
} KasaneSources;

/*
 Trust anchors, to be filled and handed to kasane_verifier_new(), which copies them.
 */
typedef struct KasaneAnchors KasaneAnchors;

/*
 How to judge, to be filled and handed to kasane_verifier_new(), which copies it.
 */
typedef struct KasaneOptions KasaneOptions;

/*
 What is asked: certificates, time, purpose, names, evidence. May be asked again after evidence was
 added.
 */
typedef struct KasaneQuestion KasaneQuestion;

/*
 What came of a question. Everything that it gives out is freed with it.
 */
typedef struct KasaneResult KasaneResult;

/*
 Answers questions. Many threads may use it at once.
 */
typedef struct KasaneVerifier KasaneVerifier;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 An empty set.
 */
KasaneStatus kasane_anchors_new(KasaneAnchors **out);

/*
 Adds one certificate in DER. On failure the set stays as it was.
 */
KasaneStatus kasane_anchors_add_der(KasaneAnchors *anchors, const uint8_t *der, size_t length);

/*
 Adds every certificate of a PEM text; other blocks are passed over. On failure the set stays as it
 was.
 */
KasaneStatus kasane_anchors_add_pem(KasaneAnchors *anchors, const uint8_t *pem, size_t length);

/*
 How many there are.
 */
size_t kasane_anchors_count(const KasaneAnchors *anchors);

/*
 Frees the set. Verifiers made from it stay.
 */
void kasane_anchors_free(KasaneAnchors *anchors);

/*
 The stable dotted code of the failure of this thread's last call that failed; NULL when none did.
 Valid until the next call of this thread that fails.
 */
const char *kasane_last_error_code(void);

/*
 What failed, why, and what to do, in English; as kasane_last_error_code().
 */
const char *kasane_last_error_text(void);

/*
 Options for end entities of that class (a KasaneClass): the built-in dated policy, live
 connections, every certificate's status known and good.
 */
KasaneStatus kasane_options_new(uint32_t end_entity_class, KasaneOptions **out);

/*
 Another dated policy: the TOML document of a timeline.
 */
KasaneStatus kasane_options_set_timeline(KasaneOptions *options,
                                         const uint8_t *toml,
                                         size_t length);

/*
 RFC 5280 alone, without dates: keys of any age are accepted.
 */
KasaneStatus kasane_options_dangerously_without_timeline(KasaneOptions *options);

/*
 For judging what was signed in the past, not a live connection. `proven_at` is when the signature
 is proven to have existed (seconds since 1970); negative when that is not proven.
 */
KasaneStatus kasane_options_set_historical(KasaneOptions *options, int64_t proven_at);

/*
 What status the end entity and the CAs above it must have (each a KasaneRequirement).
 */
KasaneStatus kasane_options_set_revocation(KasaneOptions *options,
                                           uint32_t end_entity,
                                           uint32_t intermediates);

/*
 Which evidence counts (a KasaneSources).
 */
KasaneStatus kasane_options_set_sources(KasaneOptions *options, uint32_t sources);

/*
 Frees the options. Verifiers made from them stay.
 */
void kasane_options_free(KasaneOptions *options);

/*
 A question for that purpose (a KasanePurpose) at that time (seconds since 1970, UTC). Nothing here
 reads a clock.
 */
KasaneStatus kasane_question_new(uint32_t purpose, int64_t at, KasaneQuestion **out);

/*
 Adds a certificate in DER: the end entity first, then what may help, in any order.
 */
KasaneStatus kasane_question_add_certificate(KasaneQuestion *question,
                                             const uint8_t *der,
                                             size_t length);

/*
 Adds every certificate of a PEM text, in its order, as kasane_question_add_certificate().
 */
KasaneStatus kasane_question_add_pem(KasaneQuestion *question, const uint8_t *pem, size_t length);

/*
 Asks for a name of that kind (a KasaneNameKind) as well; the end entity must have all of them.
 */
KasaneStatus kasane_question_expect_name(KasaneQuestion *question, uint32_t kind, const char *name);

/*
 Adds a CRL (DER, or PEM with one or more) for this question alone.
 */
KasaneStatus kasane_question_add_crl(KasaneQuestion *question, const uint8_t *crl, size_t length);

/*
 Adds an OCSP response in DER.
 */
KasaneStatus kasane_question_add_ocsp(KasaneQuestion *question, const uint8_t *der, size_t length);

/*
 Says that the request with that index of an earlier result cannot be answered. Asked again, the
 question then ends by the verifier's rules for unavailable status.
 */
KasaneStatus kasane_question_give_up(KasaneQuestion *question,
                                     const KasaneResult *result,
                                     size_t index);

/*
 Frees the question. Results stay.
 */
void kasane_question_free(KasaneQuestion *question);

/*
 How many certificates lack evidence. For each, any one of its addresses may suffice.
 */
size_t kasane_result_request_count(const KasaneResult *result);

/*
 The subject of the certificate (RFC 4514).
 */
const char *kasane_result_request_subject(const KasaneResult *result, size_t index);

/*
 Its serial number, lower-case hexadecimal.
 */
const char *kasane_result_request_serial(const KasaneResult *result, size_t index);

/*
 Why the evidence that there is does not suffice; empty when there is none.
 */
const char *kasane_result_request_problem(const KasaneResult *result, size_t index);

/*
 How many addresses answer by OCSP.
 */
size_t kasane_result_request_ocsp_uri_count(const KasaneResult *result, size_t index);

/*
 One of them.
 */
const char *kasane_result_request_ocsp_uri(const KasaneResult *result, size_t index, size_t uri);

/*
 What to post there (application/ocsp-request), in DER; its length goes to `length`, which may be
 NULL. NULL and 0 when OCSP does not answer for it.
 */
const uint8_t *kasane_result_request_ocsp_body(const KasaneResult *result,
                                               size_t index,
                                               size_t *length);

/*
 How many addresses have the CRL.
 */
size_t kasane_result_request_crl_uri_count(const KasaneResult *result, size_t index);

/*
 One of them.
 */
const char *kasane_result_request_crl_uri(const KasaneResult *result, size_t index, size_t uri);

/*
 How many addresses have a delta CRL, which is optional.
 */
size_t kasane_result_request_delta_uri_count(const KasaneResult *result, size_t index);

/*
 One of them.
 */
const char *kasane_result_request_delta_uri(const KasaneResult *result, size_t index, size_t uri);

/*
 The verdict.
 */
KasaneVerdict kasane_result_verdict(const KasaneResult *result);

/*
 The stable dotted code of the reason, such as "path.revoked"; NULL when verified.
 */
const char *kasane_result_code(const KasaneResult *result);

/*
 The rule that is broken, such as "RFC 5280 §6.1.3 (a)(2)"; NULL unless refused.
 */
const char *kasane_result_rule(const KasaneResult *result);

/*
 The subject of the certificate that breaks it (RFC 4514); NULL unless refused.
 */
const char *kasane_result_subject(const KasaneResult *result);

/*
 The reason in English; NULL when verified.
 */
const char *kasane_result_text(const KasaneResult *result);

/*
 The reason in Japanese; NULL when verified.
 */
const char *kasane_result_text_ja(const KasaneResult *result);

/*
 The only URI of the end entity's subject alternative name; NULL unless verified, or when there is
 none or more than one.
 */
const char *kasane_result_identity(const KasaneResult *result);

/*
 The end entity's key, such as "p-384"; NULL unless verified.
 */
const char *kasane_result_key(const KasaneResult *result);

/*
 "ecc" or "rsa"; NULL unless verified.
 */
const char *kasane_result_key_family(const KasaneResult *result);

/*
 The phase of the dated policy; NULL unless verified by one.
 */
const char *kasane_result_phase(const KasaneResult *result);

/*
 The subject of the trust anchor (RFC 4514); NULL unless verified.
 */
const char *kasane_result_anchor(const KasaneResult *result);

/*
 How many certificates the path has, without the anchor.
 */
size_t kasane_result_certificate_count(const KasaneResult *result);

/*
 A certificate of the path in DER, the end entity first; its length goes to `length`, which may be
 NULL. NULL and 0 when there is none.
 */
const uint8_t *kasane_result_certificate(const KasaneResult *result, size_t index, size_t *length);

/*
 How many warnings the dated policy has.
 */
size_t kasane_result_warning_count(const KasaneResult *result);

/*
 The code of a warning's rule.
 */
const char *kasane_result_warning_code(const KasaneResult *result, size_t index);

/*
 The subject of the certificate that a warning is about.
 */
const char *kasane_result_warning_subject(const KasaneResult *result, size_t index);

/*
 A warning in English.
 */
const char *kasane_result_warning_text(const KasaneResult *result, size_t index);

/*
 A warning in Japanese.
 */
const char *kasane_result_warning_text_ja(const KasaneResult *result, size_t index);

/*
 How many certificates of the path had their status looked at.
 */
size_t kasane_result_status_count(const KasaneResult *result);

/*
 Which certificate a status is of: "end entity", "intermediate 0" (by its place after the end entity
 in the question).
 */
const char *kasane_result_status_certificate(const KasaneResult *result, size_t index);

/*
 What a status rests on: "crl", "ocsp", "nocheck", "unavailable:soft-fail" or
 "unavailable:emergency". The last two are to be reported.
 */
const char *kasane_result_status_basis(const KasaneResult *result, size_t index);

/*
 Frees the result and all that it gave out.
 */
void kasane_result_free(KasaneResult *result);

/*
 A verifier that trusts `anchors` and judges by `options`; both are copied.
 */
KasaneStatus kasane_verifier_new(const KasaneAnchors *anchors,
                                 const KasaneOptions *options,
                                 KasaneVerifier **out);

/*
 Adds a CRL (DER, or PEM with one or more) for every question to come: read, its entries checked
 and, at its first use, its signature verified once. Complete and delta CRLs. An older CRL of the
 same issuer may stay; the newest that is good decides.
 */
KasaneStatus kasane_verifier_add_crl(const KasaneVerifier *verifier,
                                     const uint8_t *crl,
                                     size_t length);

/*
 Forgets the CRLs that were added to the verifier.
 */
KasaneStatus kasane_verifier_clear_crls(const KasaneVerifier *verifier);

/*
 Frees the verifier. Results stay.
 */
void kasane_verifier_free(KasaneVerifier *verifier);

/*
 Judges. The call succeeds also when the chain is refused: see kasane_result_verdict().
 */
KasaneStatus kasane_verify(const KasaneVerifier *verifier,
                           const KasaneQuestion *question,
                           KasaneResult **out);

/*
 The version of the library, such as "0.1.0". Never freed.
 */
const char *kasane_version(void);

/*
 The ABI of the library; compare with KASANE_ABI_VERSION.
 */
uint32_t kasane_abi_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* KASANE_VERIFY_H */
