// Makes a power cut testable, as a library for LD_PRELOAD: whenever a file below $SHADOW_FROM is synced, what
// it holds is copied to the same place below $SHADOW_DIR; that a file is gone is known there only when its
// folder is synced. So that folder never holds anything that was written and not synced: it is what a power
// cut would leave. With $SHADOW_IGNORE set nothing is copied, as if no sync ever reached the disk: the
// control, in which losses have to be found.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int (*SyncCall)(int);

static int copyTo(int from, const char* path) {
    char fresh[PATH_MAX + 16];
    snprintf(fresh, sizeof(fresh), "%s.%d", path, (int)gettid());
    const int to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) {
        return -1;
    }
    char block[65536];
    off_t at = 0;
    ssize_t size = 0;
    while ((size = pread(from, block, sizeof(block), at)) > 0) {
        if (write(to, block, (size_t)size) != size) {
            size = -1;
            break;
        }
        at += size;
    }
    close(to);
    // At once: the process may be killed at any moment.
    return size < 0 ? -1 : rename(fresh, path);
}

// A copy on its way, as copyTo() names it.
static int isCopy(const char* name) {
    const char* const dot = strrchr(name, '.');
    return dot != NULL && dot[1] != '\0' && strspn(dot + 1, "0123456789") == strlen(dot + 1);
}

// Removes what is not in `from` any more.
static int removeGone(const char* from, const char* to) {
    DIR* const folder = opendir(to);
    if (folder == NULL) {
        return -1;
    }
    for (struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char source[2 * PATH_MAX];
        char copy[2 * PATH_MAX];
        struct stat status;
        snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
        if (!isCopy(entry->d_name) && lstat(source, &status) != 0 && errno == ENOENT) {
            snprintf(copy, sizeof(copy), "%s/%s", to, entry->d_name);
            unlink(copy);
        }
    }
    return closedir(folder);
}

// 0 where the file is none of ours, or is copied.
static int shadow(int descriptor) {
    const char* from = getenv("SHADOW_FROM");
    const char* to = getenv("SHADOW_DIR");
    if (from == NULL || to == NULL || getenv("SHADOW_IGNORE") != NULL) {
        return 0;
    }
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    const ssize_t size = readlink(link, path, sizeof(path) - 1);
    const size_t prefix = strlen(from);
    struct stat status;
    if (size < (ssize_t)prefix || fstat(descriptor, &status) != 0) {
        return 0;
    }
    path[size] = '\0';
    if (strncmp(path, from, prefix) != 0 || (path[prefix] != '/' && path[prefix] != '\0')) {
        return 0;
    }
    char copy[PATH_MAX];
    snprintf(copy, sizeof(copy), "%s%s", to, path + prefix);
    if (S_ISDIR(status.st_mode)) {
        return removeGone(path, copy);
    }
    if (!S_ISREG(status.st_mode)) {
        return 0;
    }
    // SQLite's files are read as they are open: to open and close them once more would drop the locks that
    // this process has on them (POSIX).
    if ((fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_WRONLY) {
        return copyTo(descriptor, copy);
    }
    const int readable = open(path, O_RDONLY | O_CLOEXEC);
    if (readable < 0) {
        return 0;  // removed meanwhile
    }
    const int result = copyTo(readable, copy);
    close(readable);
    return result;
}

static int shadowAlone(int descriptor) {
    // Else a copy that was begun earlier could replace a newer one.
    static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&alone);
    const int result = shadow(descriptor);
    pthread_mutex_unlock(&alone);
    return result;
}

static int synced(const char* name, int descriptor) {
    SyncCall next = NULL;
    *(void**)&next = dlsym(RTLD_NEXT, name);
    const int result = next(descriptor);
    if (result == 0 && shadowAlone(descriptor) != 0) {
        errno = EIO;
        return -1;
    }
    return result;
}

int fsync(int descriptor) {
    return synced("fsync", descriptor);
}

int fdatasync(int descriptor) {
    return synced("fdatasync", descriptor);
}
