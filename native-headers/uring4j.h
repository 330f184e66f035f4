/*
 * What uring4j binds, as one translation unit for jextract.
 *
 * The io_uring interface comes from the kernel's UAPI headers, in the version
 * that uapi-version pins; the libc declarations are the few that the library
 * calls, or whose structures and constants an io_uring request carries.
 * symbols.txt lists which of all these names are bound.
 */
#define _GNU_SOURCE

/* libc first: the UAPI's libc-compat guards then leave out what libc has defined. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* The kernel's own interface. */
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/io_uring/bpf_filter.h>
#include <linux/io_uring/query.h>
#include <linux/io_uring/zcrx.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <linux/time_types.h>

/* nvme passthrough: the one uring_cmd user that a guest kernel always has. */
#include <linux/nvme_ioctl.h>
