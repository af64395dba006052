/* A disk that fails now and then: laid between a program and its C library by LD_PRELOAD.
 *
 * Only files below INSIGHTS_FAULTS_FOLDER are touched, and only between faults_begin and faults_end. Which calls fail, and
 * how, follows from the seed: reads and writes give EIO, writes ENOSPC too or write a part, a sync or a cut gives EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_uint_fast64_t state;
static atomic_int one_in; /* one call in so many fails; 0 is none */
static atomic_int count;

void faults_begin(unsigned seed, int rate) {
    atomic_store(&state, seed * 0x9E3779B97F4A7C15ull + 1);
    atomic_store(&count, 0);
    atomic_store(&one_in, rate);
}

int faults_end(void) {
    atomic_store(&one_in, 0);
    return atomic_load(&count);
}

static uint64_t drawn(void) { /* splitmix64 */
    uint64_t z = atomic_fetch_add(&state, 0x9E3779B97F4A7C15ull) + 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static int is_ours(int fd) {
    char link[64], path[PATH_MAX];
    const char *folder = getenv("INSIGHTS_FAULTS_FOLDER");
    if (folder == NULL || *folder == '\0') return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = '\0';
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* 0 where the call goes well, else a number that says how it fails. */
static unsigned fault(int fd) {
    int rate = atomic_load(&one_in);
    if (rate == 0 || !is_ours(fd) || drawn() % (unsigned)rate != 0) return 0;
    atomic_fetch_add(&count, 1);
    return 1 + (unsigned)(drawn() % 3);
}

static ssize_t failed(int code) {
    errno = code;
    return -1;
}

#define NEXT(name) static __typeof__(&name) next; if (next == NULL) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define WRITING(name, offset_type)                                                        \
    ssize_t name(int fd, const void *data, size_t size, offset_type offset) {             \
        NEXT(name);                                                                       \
        switch (fault(fd)) {                                                              \
            case 1: return failed(EIO);                                                   \
            case 2: return failed(ENOSPC);                                                \
            case 3: return size > 1 ? next(fd, data, size / 2, offset) : failed(ENOSPC);  \
            default: return next(fd, data, size, offset);                                 \
        }                                                                                 \
    }
WRITING(pwrite, off_t)
WRITING(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t size) {
    NEXT(write);
    switch (fault(fd)) {
        case 1: return failed(EIO);
        case 2: return failed(ENOSPC);
        case 3: return size > 1 ? next(fd, data, size / 2) : failed(ENOSPC);
        default: return next(fd, data, size);
    }
}

#define READING(name, offset_type)                                                  \
    ssize_t name(int fd, void *data, size_t size, offset_type offset) {             \
        NEXT(name);                                                                 \
        return fault(fd) ? failed(EIO) : next(fd, data, size, offset);              \
    }
READING(pread, off_t)
READING(pread64, off64_t)

#define FLUSHING(name)                                         \
    int name(int fd) {                                         \
        NEXT(name);                                            \
        return fault(fd) ? (int)failed(EIO) : next(fd);        \
    }
FLUSHING(fsync)
FLUSHING(fdatasync)

#define CUTTING(name, offset_type)                                    \
    int name(int fd, offset_type size) {                              \
        NEXT(name);                                                   \
        return fault(fd) ? (int)failed(EIO) : next(fd, size);         \
    }
CUTTING(ftruncate, off_t)
CUTTING(ftruncate64, off64_t)
