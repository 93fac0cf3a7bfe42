/* Loaded before a program's libraries: writes every name looked up and every address connected to into the file
   $NETWORK_WATCH, and blocks them all. Loopback and local sockets are allowed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void told(const char *what, const char *whom) {
    const char *path = getenv("NETWORK_WATCH");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) {
        fprintf(file, "%s %s\n", what, whom ? whom : "?");
        fclose(file);
    }
}

static int near(const char *name) {
    return name == NULL || !strcmp(name, "localhost") || !strncmp(name, "127.", 4) || !strcmp(name, "::1") ||
           !strcmp(name, "0.0.0.0") || !strcmp(name, "::");
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    if (near(node)) return real(node, service, hints, found);
    told("lookup", node);
    return EAI_AGAIN;
}

struct hostent *gethostbyname(const char *name) {
    told("lookup", name);
    h_errno = TRY_AGAIN;
    return NULL;
}

static int far_away(const struct sockaddr *address, const char *what) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address == NULL) return 0;
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
    else
        return 0;
    if (near(text) || !strncmp(text, "::ffff:127.", 11)) return 0;
    told(what, text);
    errno = ENETUNREACH;
    return 1;
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    return far_away(address, "connect") ? -1 : real(socket, address, length);
}

ssize_t sendto(int socket, const void *data, size_t size, int flags, const struct sockaddr *address, socklen_t length) {
    ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "sendto");
    return far_away(address, "sendto") ? -1 : real(socket, data, size, flags, address, length);
}
