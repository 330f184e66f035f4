/*
 * What differs between the architectures that uring4j runs on: some open(2)
 * flags, and the packing of epoll_event. jextract reads this page once for
 * each architecture; all else that is bound is the same everywhere and stands
 * in uring4j.h.
 */
#include <linux/fcntl.h>
#include <linux/eventpoll.h>
