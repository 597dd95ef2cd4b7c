/* A PKCS#11 library in front of another one (KASANE_FAULTY_MODULE) that logs calls and, when a file
 * in the folder KASANE_FAULTY_PLAN asks for it, fails as devices fail. Everything else is the other
 * library's own work.
 *
 * PLAN/calls               one line per call: its name (the length query of C_Sign is "C_Sign?")
 * PLAN/C_Name              "ACTION VALUE COUNT": for the next COUNT calls of C_Name
 *   before VALUE           answers VALUE (hexadecimal) and does nothing
 *   after VALUE            does it, and answers VALUE all the same
 *   close 0                closes every session of the token first, then does it
 *   hold 0                 waits until the file is gone, then does it
 * PLAN/token-flags         hexadecimal, added to CK_TOKEN_INFO.flags
 * PLAN/slot-flags          hexadecimal, added to CK_SLOT_INFO.flags
 * PLAN/maker               a letter that manufacturer and model consist of, instead of their own
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*call)(word, word, word, word, word, word, word, word);
struct list { unsigned char major, minor; call calls[68]; };

enum { INITIALIZE = 0, FINALIZE = 1, GET_SLOT_LIST = 4, GET_SLOT_INFO = 5, GET_TOKEN_INFO = 6,
       OPEN_SESSION = 12, CLOSE_ALL = 14, GET_SESSION_INFO = 15, LOGIN = 18, FIND_INIT = 26,
       SIGN_INIT = 42, SIGN = 43, GENERATE_PAIR = 59 };

static struct list real, ours;
static word last_slot;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *in_plan(char *path, const char *name)
{
    snprintf(path, 4096, "%s/%s", getenv("KASANE_FAULTY_PLAN"), name);
    return path;
}

static void note(const char *name)
{
    char path[4096], line[64];
    int file = open(in_plan(path, "calls"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    int length = snprintf(line, sizeof line, "%s\n", name);
    if (file < 0 || write(file, line, length) != length)
        abort();
    close(file);
}

/* The action for this call, and its value. */
static int planned(const char *name, char *action, word *value)
{
    char path[4096], next[4096];
    long count = 0;
    int found;
    pthread_mutex_lock(&lock);
    FILE *file = fopen(in_plan(path, name), "r");
    found = file && fscanf(file, "%15s %lx %ld", action, value, &count) == 3 && count > 0;
    if (file)
        fclose(file);
    if (found && strcmp(action, "hold") != 0) {
        if (count == 1) {
            unlink(path);
        } else if ((file = fopen(in_plan(next, "next"), "w"))) {
            fprintf(file, "%s %lx %ld\n", action, *value, count - 1);
            fclose(file);
            rename(next, path);
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static word hexadecimal(const char *name)
{
    char path[4096];
    word value = 0;
    FILE *file = fopen(in_plan(path, name), "r");
    if (file) {
        if (fscanf(file, "%lx", &value) != 1)
            value = 0;
        fclose(file);
    }
    return value;
}

static word through(int index, const char *name, word a, word b, word c, word d, word e, word f,
                    word g, word h)
{
    char action[16] = "", path[4096];
    word value = 0, answer;
    if (index == SIGN && d == 0) {
        note("C_Sign?");
        return real.calls[index](a, b, c, d, e, f, g, h);
    }
    note(name);
    if (index == OPEN_SESSION)
        last_slot = a;
    int is_planned = planned(name, action, &value);
    if (is_planned && strcmp(action, "before") == 0)
        return value;
    if (is_planned && strcmp(action, "close") == 0)
        real.calls[CLOSE_ALL](last_slot, 0, 0, 0, 0, 0, 0, 0);
    if (is_planned && strcmp(action, "hold") == 0) {
        note("held");
        while (access(in_plan(path, name), F_OK) == 0)
            usleep(2000);
    }
    answer = real.calls[index](a, b, c, d, e, f, g, h);
    if (is_planned && strcmp(action, "after") == 0)
        return value;
    return answer;
}

#define THROUGH(index, name)                                                                    \
    static word wrapped_##index(word a, word b, word c, word d, word e, word f, word g, word h) \
    {                                                                                           \
        return through(index, name, a, b, c, d, e, f, g, h);                                    \
    }
THROUGH(0, "C_Initialize")
THROUGH(1, "C_Finalize")
THROUGH(4, "C_GetSlotList")
THROUGH(12, "C_OpenSession")
THROUGH(15, "C_GetSessionInfo")
THROUGH(18, "C_Login")
THROUGH(26, "C_FindObjectsInit")
THROUGH(42, "C_SignInit")
THROUGH(43, "C_Sign")
THROUGH(59, "C_GenerateKeyPair")

/* CK_SLOT_INFO: description 64, manufacturer 32, flags. */
static word slot_info(word slot, word info, word c, word d, word e, word f, word g, word h)
{
    word answer = through(GET_SLOT_INFO, "C_GetSlotInfo", slot, info, c, d, e, f, g, h);
    *(word *)(info + 96) |= hexadecimal("slot-flags");
    return answer;
}

/* CK_TOKEN_INFO: label 32, manufacturer 32, model 16, serial 16, flags. */
static word token_info(word slot, word info, word c, word d, word e, word f, word g, word h)
{
    char path[4096];
    word answer = through(GET_TOKEN_INFO, "C_GetTokenInfo", slot, info, c, d, e, f, g, h);
    FILE *file = fopen(in_plan(path, "maker"), "r");
    *(word *)(info + 96) |= hexadecimal("token-flags");
    if (file) {
        memset((char *)info + 32, fgetc(file), 48);
        fclose(file);
    }
    return answer;
}

word C_GetFunctionList(struct list **out)
{
    if (!real.calls[0]) {
        void *library = dlopen(getenv("KASANE_FAULTY_MODULE"), RTLD_NOW | RTLD_LOCAL);
        word (*get)(struct list **) = library ? dlsym(library, "C_GetFunctionList") : NULL;
        struct list *list = NULL;
        if (!get || get(&list) != 0)
            return 5;
        real = *list;
        ours = real;
        ours.calls[INITIALIZE] = wrapped_0;
        ours.calls[FINALIZE] = wrapped_1;
        ours.calls[GET_SLOT_LIST] = wrapped_4;
        ours.calls[GET_SLOT_INFO] = slot_info;
        ours.calls[GET_TOKEN_INFO] = token_info;
        ours.calls[OPEN_SESSION] = wrapped_12;
        ours.calls[GET_SESSION_INFO] = wrapped_15;
        ours.calls[LOGIN] = wrapped_18;
        ours.calls[FIND_INIT] = wrapped_26;
        ours.calls[SIGN_INIT] = wrapped_42;
        ours.calls[SIGN] = wrapped_43;
        ours.calls[GENERATE_PAIR] = wrapped_59;
    }
    *out = &ours;
    return 0;
}
