/* Uses the library as it must not be used, and from many threads as it may be. Arguments: anchors and
 * a chain that verifies with the CRLs after them, PEM, and the time to judge at. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kasane_verify.h>

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                  \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

static uint8_t file[3][262144];
static size_t length[3];

static void nulls(void) {
  KasaneOptions *options = NULL;
  KasaneVerifier *verifier = (KasaneVerifier *)(uintptr_t)1;
  const uint8_t octet = 0x30;
  size_t count = 77;

  CHECK(kasane_anchors_new(NULL) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_anchors_add_der(NULL, &octet, 1) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_anchors_add_pem(NULL, NULL, 0) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_anchors_count(NULL) == 0);
  CHECK(kasane_options_new(KASANE_CLASS_TERMINAL, NULL) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_options_set_timeline(NULL, NULL, 0) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_options_dangerously_without_timeline(NULL) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_options_set_historical(NULL, -1) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_options_set_revocation(NULL, 1, 1) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_options_set_sources(NULL, 1) == KASANE_STATUS_NULL_ARGUMENT);
  /* A failure leaves NULL behind, not what was there. */
  CHECK(kasane_verifier_new(NULL, NULL, &verifier) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(verifier == NULL);
  CHECK(kasane_verifier_add_crl(NULL, &octet, 1) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_verifier_clear_crls(NULL) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_question_new(KASANE_PURPOSE_ANY, 0, NULL) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_question_add_certificate(NULL, NULL, 0) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_question_add_pem(NULL, NULL, 0) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_question_expect_name(NULL, 1, "a") == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_question_add_crl(NULL, NULL, 0) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_question_add_ocsp(NULL, NULL, 0) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_question_give_up(NULL, NULL, 0) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_verify(NULL, NULL, NULL) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(strcmp(kasane_last_error_code(), "abi.null") == 0);
  CHECK(kasane_result_verdict(NULL) == KASANE_VERDICT_NONE);
  CHECK(kasane_result_code(NULL) == NULL && kasane_result_rule(NULL) == NULL);
  CHECK(kasane_result_text(NULL) == NULL && kasane_result_text_ja(NULL) == NULL);
  CHECK(kasane_result_subject(NULL) == NULL && kasane_result_identity(NULL) == NULL);
  CHECK(kasane_result_key(NULL) == NULL && kasane_result_key_family(NULL) == NULL);
  CHECK(kasane_result_phase(NULL) == NULL && kasane_result_anchor(NULL) == NULL);
  CHECK(kasane_result_certificate_count(NULL) == 0);
  CHECK(kasane_result_certificate(NULL, 0, &count) == NULL && count == 0);
  CHECK(kasane_result_certificate(NULL, 0, NULL) == NULL);
  CHECK(kasane_result_warning_count(NULL) == 0 && kasane_result_warning_text(NULL, 0) == NULL);
  CHECK(kasane_result_status_count(NULL) == 0 && kasane_result_status_basis(NULL, 0) == NULL);
  CHECK(kasane_result_request_count(NULL) == 0 && kasane_result_request_subject(NULL, 0) == NULL);
  CHECK(kasane_result_request_crl_uri_count(NULL, 0) == 0);
  CHECK(kasane_result_request_ocsp_body(NULL, 0, &count) == NULL && count == 0);
  kasane_anchors_free(NULL);
  kasane_options_free(NULL);
  kasane_verifier_free(NULL);
  kasane_question_free(NULL);
  kasane_result_free(NULL);

  CHECK(kasane_options_new(0, &options) == KASANE_STATUS_BAD_ARGUMENT && options == NULL);
  CHECK(kasane_options_new(4000000000u, &options) == KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_options_new(KASANE_CLASS_TERMINAL, &options) == KASANE_STATUS_OK);
  CHECK(kasane_options_set_revocation(options, 0, 9) == KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_options_set_sources(options, 5) == KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_options_set_timeline(options, NULL, 5) == KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_options_set_timeline(options, NULL, 0) == KASANE_STATUS_BAD_INPUT);
  CHECK(kasane_options_set_timeline(options, (const uint8_t *)"\xff\xfe", 2) ==
        KASANE_STATUS_BAD_ARGUMENT);
  kasane_options_free(options);
}

static void garbage(void) {
  static uint8_t noise[70000];
  KasaneAnchors *anchors = NULL;
  KasaneOptions *options = NULL;
  KasaneVerifier *verifier = NULL;
  KasaneQuestion *question = NULL;
  KasaneResult *result = NULL;
  unsigned seed = 20261120;

  CHECK(kasane_anchors_new(&anchors) == KASANE_STATUS_OK);
  CHECK(kasane_options_new(KASANE_CLASS_TERMINAL, &options) == KASANE_STATUS_OK);
  CHECK(kasane_verifier_new(anchors, options, &verifier) == KASANE_STATUS_OK);
  CHECK(kasane_question_new(99, 0, &question) == KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_question_new(KASANE_PURPOSE_ANY, INT64_MIN, &question) == KASANE_STATUS_OK);
  CHECK(kasane_verify(verifier, question, &result) == KASANE_STATUS_BAD_ARGUMENT);
  CHECK(result == NULL);
  for (int round = 0; round < 64; round++) {
    size_t size = round < 16 ? (size_t)round : (size_t)round * 1000;
    for (size_t i = 0; i < size; i++) {
      seed = seed * 1103515245u + 12345u;
      noise[i] = (uint8_t)(seed >> 16);
    }
    if (size > 4 && round % 2 == 0) {
      const uint8_t header[4] = {0x30, 0x82, (uint8_t)((size - 4) >> 8), (uint8_t)(size - 4)};
      memcpy(noise, header, 4);
    }
    CHECK(kasane_anchors_add_der(anchors, noise, size) == KASANE_STATUS_BAD_INPUT);
    CHECK(kasane_anchors_add_pem(anchors, noise, size) == KASANE_STATUS_BAD_INPUT);
    CHECK(kasane_question_add_certificate(question, noise, size) == KASANE_STATUS_BAD_INPUT);
    CHECK(kasane_question_add_pem(question, noise, size) == KASANE_STATUS_BAD_INPUT);
    CHECK(kasane_question_add_crl(question, noise, size) == KASANE_STATUS_BAD_INPUT);
    CHECK(kasane_question_add_ocsp(question, noise, size) == KASANE_STATUS_BAD_INPUT);
    CHECK(kasane_verifier_add_crl(verifier, noise, size) == KASANE_STATUS_BAD_INPUT);
    CHECK(strlen(kasane_last_error_code()) > 0 && strlen(kasane_last_error_text()) > 0);
  }
  CHECK(kasane_anchors_add_der(anchors, noise, SIZE_MAX) == KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_question_expect_name(question, 9, "a") == KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_question_expect_name(question, KASANE_NAME_KIND_IP, "300.1") ==
        KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_question_expect_name(question, KASANE_NAME_KIND_DNS, "\xff") ==
        KASANE_STATUS_BAD_ARGUMENT);
  CHECK(kasane_question_expect_name(question, KASANE_NAME_KIND_DNS, NULL) ==
        KASANE_STATUS_NULL_ARGUMENT);
  CHECK(kasane_anchors_count(anchors) == 0);
  /* The certificate can be read; the question stays usable after all that. */
  CHECK(kasane_question_add_pem(question, file[1], length[1]) == KASANE_STATUS_OK);
  CHECK(kasane_verify(verifier, question, &result) == KASANE_STATUS_OK);
  CHECK(kasane_result_verdict(result) == KASANE_VERDICT_REFUSED);
  CHECK(kasane_result_identity(result) == NULL && kasane_result_certificate_count(result) == 0);
  CHECK(kasane_result_warning_text(result, 0) == NULL);
  CHECK(kasane_result_status_basis(result, SIZE_MAX) == NULL);
  CHECK(kasane_result_request_crl_uri(result, SIZE_MAX, SIZE_MAX) == NULL);
  CHECK(kasane_question_give_up(question, result, 0) == KASANE_STATUS_BAD_ARGUMENT);
  kasane_result_free(result);
  kasane_question_free(question);
  kasane_verifier_free(verifier);
  kasane_options_free(options);
  kasane_anchors_free(anchors);
}

static KasaneVerifier *shared;
static int64_t at;

static void *one_thread(void *unused) {
  (void)unused;
  for (int round = 0; round < 5; round++) {
    KasaneQuestion *question = NULL;
    KasaneResult *result = NULL;
    CHECK(kasane_verifier_add_crl(shared, file[2], length[2]) == KASANE_STATUS_OK);
    CHECK(kasane_question_new(KASANE_PURPOSE_CLIENT_AUTH, at, &question) == KASANE_STATUS_OK);
    CHECK(kasane_question_add_pem(question, file[1], length[1]) == KASANE_STATUS_OK);
    CHECK(kasane_verify(shared, question, &result) == KASANE_STATUS_OK);
    CHECK(kasane_result_verdict(result) == KASANE_VERDICT_VERIFIED);
    kasane_result_free(result);
    kasane_question_free(question);
    /* What failed is the thread's own. */
    CHECK(kasane_options_set_sources(NULL, 1) == KASANE_STATUS_NULL_ARGUMENT);
    CHECK(strcmp(kasane_last_error_code(), "abi.null") == 0);
  }
  return NULL;
}

static void threads(void) {
  KasaneAnchors *anchors = NULL;
  KasaneOptions *options = NULL;
  pthread_t running[8];
  CHECK(kasane_anchors_new(&anchors) == KASANE_STATUS_OK);
  CHECK(kasane_anchors_add_pem(anchors, file[0], length[0]) == KASANE_STATUS_OK);
  CHECK(kasane_options_new(KASANE_CLASS_TERMINAL, &options) == KASANE_STATUS_OK);
  CHECK(kasane_verifier_new(anchors, options, &shared) == KASANE_STATUS_OK);
  /* Both were copied. */
  kasane_anchors_free(anchors);
  kasane_options_free(options);
  for (int i = 0; i < 8; i++) CHECK(pthread_create(&running[i], NULL, one_thread, NULL) == 0);
  for (int i = 0; i < 8; i++) CHECK(pthread_join(running[i], NULL) == 0);
  CHECK(kasane_verifier_clear_crls(shared) == KASANE_STATUS_OK);
  kasane_verifier_free(shared);
}

int main(int count, char **words) {
  CHECK(count == 5);
  for (int i = 0; i < 3; i++) {
    FILE *opened = fopen(words[i + 1], "rb");
    CHECK(opened != NULL);
    length[i] = fread(file[i], 1, sizeof file[i], opened);
    fclose(opened);
  }
  at = strtoll(words[4], NULL, 10);
  CHECK(kasane_last_error_code() == NULL && kasane_last_error_text() == NULL);
  nulls();
  garbage();
  threads();
  printf("misused\n");
  return 0;
}
