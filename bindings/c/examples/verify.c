/* Verifies a chain from PEM files and prints the verdict. Evidence that is missing is looked for in a
 * folder, under the last part of its address; a program with a network would fetch it there. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kasane_verify.h>

enum { VERIFIED = 0, REFUSED = 1, FAILED = 2, NEEDS_EVIDENCE = 3 };

static const char USAGE[] =
    "Usage: verify --anchors FILE [OPTION]... CHAIN\n"
    "\n"
    "  --anchors FILE        trust anchors, PEM\n"
    "  --at SECONDS          the time to judge at, since 1970; now if not given\n"
    "  --server              the end entity is a TLS server (a terminal, if not given)\n"
    "  --uri URI, --dns NAME the name that it must have\n"
    "  --timeline FILE       another dated policy, TOML\n"
    "  --crl FILE            a CRL, PEM or DER; may be repeated\n"
    "  --fetch DIR           where evidence that is missing is looked for\n"
    "  --soft-fail           put up with status that nobody can state\n"
    "\n"
    "Exit status: 0 verified, 1 refused, 2 something cannot be read, 3 evidence is missing.\n";

struct buffer {
  uint8_t *octets;
  size_t length;
};

/* NULL octets when the file cannot be read. */
static struct buffer read_file(const char *path) {
  struct buffer buffer = {NULL, 0};
  FILE *file = fopen(path, "rb");
  if (file == NULL) return buffer;
  size_t room = 4096;
  uint8_t *octets = malloc(room);
  while (octets != NULL) {
    buffer.length += fread(octets + buffer.length, 1, room - buffer.length, file);
    if (buffer.length < room) break;
    room *= 2;
    uint8_t *more = realloc(octets, room);
    if (more == NULL) free(octets);
    octets = more;
  }
  fclose(file);
  buffer.octets = octets;
  return buffer;
}

static const char *or_none(const char *text) { return text == NULL ? "-" : text; }

static int complain(const char *what) {
  fprintf(stderr, "%s: %s [%s]\n", what, or_none(kasane_last_error_text()),
          or_none(kasane_last_error_code()));
  return FAILED;
}

typedef KasaneStatus take(void *handle, const uint8_t *octets, size_t length);

static KasaneStatus take_anchors(void *handle, const uint8_t *octets, size_t length) {
  return kasane_anchors_add_pem(handle, octets, length);
}
static KasaneStatus take_chain(void *handle, const uint8_t *octets, size_t length) {
  return kasane_question_add_pem(handle, octets, length);
}
static KasaneStatus take_timeline(void *handle, const uint8_t *octets, size_t length) {
  return kasane_options_set_timeline(handle, octets, length);
}
static KasaneStatus take_crl(void *handle, const uint8_t *octets, size_t length) {
  return kasane_verifier_add_crl(handle, octets, length);
}
static KasaneStatus take_more_crl(void *handle, const uint8_t *octets, size_t length) {
  return kasane_question_add_crl(handle, octets, length);
}
static KasaneStatus take_ocsp(void *handle, const uint8_t *octets, size_t length) {
  return kasane_question_add_ocsp(handle, octets, length);
}

/* 0 when the file was read and taken. */
static int hand_over(take *function, void *handle, const char *path) {
  struct buffer file = read_file(path);
  if (file.octets == NULL) {
    fprintf(stderr, "%s: cannot be read\n", path);
    return FAILED;
  }
  KasaneStatus status = function(handle, file.octets, file.length);
  free(file.octets);
  return status == KASANE_STATUS_OK ? 0 : complain(path);
}

/* Looks for the last part of an address in the folder; 1 when it was found and taken. */
static int find(take *function, KasaneQuestion *question, const char *folder, const char *address) {
  char path[4096];
  const char *name = strrchr(address, '/');
  if (folder == NULL || name == NULL || name[1] == '\0' || strstr(name, "..") != NULL) return 0;
  int length = snprintf(path, sizeof path, "%s%s", folder, name);
  if (length < 0 || (size_t)length >= sizeof path) return 0;
  FILE *there = fopen(path, "rb");
  if (there == NULL) return 0;
  fclose(there);
  return hand_over(function, question, path) == 0;
}

/* Answers what the result asks for; what cannot be answered is given up. How many were answered. */
static size_t answer(const KasaneResult *result, KasaneQuestion *question, const char *folder) {
  size_t answered = 0;
  for (size_t i = 0; i < kasane_result_request_count(result); i++) {
    int found = 0;
    printf("needs: status of %s, serial %s\n", kasane_result_request_subject(result, i),
           kasane_result_request_serial(result, i));
    for (size_t j = 0; j < kasane_result_request_ocsp_uri_count(result, i) && !found; j++) {
      const char *uri = kasane_result_request_ocsp_uri(result, i, j);
      size_t length = 0;
      kasane_result_request_ocsp_body(result, i, &length);
      printf("  ocsp: %s (a request of %zu octets)\n", uri, length);
      found = find(take_ocsp, question, folder, uri);
    }
    for (size_t j = 0; j < kasane_result_request_crl_uri_count(result, i) && !found; j++) {
      const char *uri = kasane_result_request_crl_uri(result, i, j);
      printf("  crl: %s\n", uri);
      found = find(take_more_crl, question, folder, uri);
    }
    if (found) {
      answered++;
    } else if (folder != NULL) {
      kasane_question_give_up(question, result, i);
    }
  }
  return answered;
}

static int print(const KasaneResult *result) {
  switch (kasane_result_verdict(result)) {
    case KASANE_VERDICT_VERIFIED:
      printf("verified\n");
      printf("identity: %s\n", or_none(kasane_result_identity(result)));
      printf("key: %s (%s)\n", kasane_result_key(result), kasane_result_key_family(result));
      printf("phase: %s\n", or_none(kasane_result_phase(result)));
      printf("anchor: %s\n", or_none(kasane_result_anchor(result)));
      printf("path: %zu certificates\n", kasane_result_certificate_count(result));
      for (size_t i = 0; i < kasane_result_status_count(result); i++)
        printf("status: %s: %s\n", kasane_result_status_certificate(result, i),
               kasane_result_status_basis(result, i));
      for (size_t i = 0; i < kasane_result_warning_count(result); i++)
        printf("warning: %s: %s [%s]\n", kasane_result_warning_subject(result, i),
               kasane_result_warning_text(result, i), kasane_result_warning_code(result, i));
      return VERIFIED;
    case KASANE_VERDICT_REFUSED:
      printf("refused [%s]\n", kasane_result_code(result));
      printf("rule: %s\n", kasane_result_rule(result));
      printf("certificate: %s\n", kasane_result_subject(result));
      printf("%s\n%s\n", kasane_result_text(result), kasane_result_text_ja(result));
      return REFUSED;
    default:
      printf("evidence is missing\n");
      return NEEDS_EVIDENCE;
  }
}

struct arguments {
  const char *anchors, *chain, *timeline, *uri, *dns, *fetch;
  const char *crls[64];
  size_t crl_count;
  int64_t at;
  int server, soft_fail;
};

static int parse(int count, char **words, struct arguments *to) {
  to->at = (int64_t)time(NULL);
  for (int i = 1; i < count; i++) {
    const char *word = words[i];
    const char *value = i + 1 < count ? words[i + 1] : NULL;
    if (strcmp(word, "--server") == 0) {
      to->server = 1;
      continue;
    }
    if (strcmp(word, "--soft-fail") == 0) {
      to->soft_fail = 1;
      continue;
    }
    if (word[0] != '-') {
      to->chain = word;
      continue;
    }
    if (value == NULL) return 0;
    i++;
    if (strcmp(word, "--anchors") == 0) to->anchors = value;
    else if (strcmp(word, "--at") == 0) to->at = strtoll(value, NULL, 10);
    else if (strcmp(word, "--uri") == 0) to->uri = value;
    else if (strcmp(word, "--dns") == 0) to->dns = value;
    else if (strcmp(word, "--timeline") == 0) to->timeline = value;
    else if (strcmp(word, "--fetch") == 0) to->fetch = value;
    else if (strcmp(word, "--crl") == 0 && to->crl_count < 64) to->crls[to->crl_count++] = value;
    else return 0;
  }
  return to->anchors != NULL && to->chain != NULL;
}

int main(int count, char **words) {
  struct arguments asked = {0};
  KasaneAnchors *anchors = NULL;
  KasaneOptions *options = NULL;
  KasaneVerifier *verifier = NULL;
  KasaneQuestion *question = NULL;
  KasaneResult *result = NULL;
  int exit_status = FAILED;

  if (!parse(count, words, &asked)) {
    fputs(USAGE, stderr);
    return FAILED;
  }
  if (kasane_abi_version() != KASANE_ABI_VERSION) {
    fprintf(stderr, "the library %s is of another ABI\n", kasane_version());
    return FAILED;
  }
  uint32_t class_of = asked.server ? KASANE_CLASS_SERVER : KASANE_CLASS_TERMINAL;
  uint32_t purpose = asked.server ? KASANE_PURPOSE_SERVER_AUTH : KASANE_PURPOSE_CLIENT_AUTH;

  if (kasane_anchors_new(&anchors) != KASANE_STATUS_OK ||
      kasane_options_new(class_of, &options) != KASANE_STATUS_OK ||
      kasane_question_new(purpose, asked.at, &question) != KASANE_STATUS_OK) {
    complain("preparing");
    goto end;
  }
  if (asked.timeline != NULL && hand_over(take_timeline, options, asked.timeline) != 0) goto end;
  if (asked.soft_fail)
    kasane_options_set_revocation(options, KASANE_REQUIREMENT_SOFT_FAIL,
                                  KASANE_REQUIREMENT_SOFT_FAIL);
  if (hand_over(take_anchors, anchors, asked.anchors) != 0) goto end;
  if (hand_over(take_chain, question, asked.chain) != 0) goto end;
  if (asked.uri != NULL &&
      kasane_question_expect_name(question, KASANE_NAME_KIND_URI, asked.uri) != KASANE_STATUS_OK) {
    complain(asked.uri);
    goto end;
  }
  if (asked.dns != NULL &&
      kasane_question_expect_name(question, KASANE_NAME_KIND_DNS, asked.dns) != KASANE_STATUS_OK) {
    complain(asked.dns);
    goto end;
  }
  if (kasane_verifier_new(anchors, options, &verifier) != KASANE_STATUS_OK) {
    complain("making the verifier");
    goto end;
  }
  for (size_t i = 0; i < asked.crl_count; i++)
    if (hand_over(take_crl, verifier, asked.crls[i]) != 0) goto end;

  for (int round = 0; round < 16; round++) {
    kasane_result_free(result);
    if (kasane_verify(verifier, question, &result) != KASANE_STATUS_OK) {
      complain("verifying");
      goto end;
    }
    if (kasane_result_verdict(result) != KASANE_VERDICT_NEEDS_EVIDENCE) break;
    if (answer(result, question, asked.fetch) == 0 && asked.fetch == NULL) break;
  }
  exit_status = print(result);

end:
  kasane_result_free(result);
  kasane_question_free(question);
  kasane_verifier_free(verifier);
  kasane_options_free(options);
  kasane_anchors_free(anchors);
  return exit_status;
}
