// SPDX-License-Identifier: Apache-2.0
/*
 * TCP echo over loopback: the client of all servers, and a server in C.
 *
 * role=both    serves in a child process, asks it for "millis", and prints what came out
 * role=client  asks the server at "port", whose process is "server", once for each line of standard input, which
 *              says for how many milliseconds
 *
 * Each connection has one message under way: the client sends it, waits until it is back, and sends the next. The
 * server's time is that of its whole process, in user and kernel mode.
 */
#include "baseline.h"
#include "latency.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MOST_BYTES 65536
#define EVENTS 512

struct connection {
	int fd;
	unsigned received;
	long long sent_at;
};

static unsigned connections, bytes;
static struct connection *all;
static char message[MOST_BYTES], answer[MOST_BYTES];
static clockid_t server_clock;

/* The errno of a call that returns -1. */
static int checked(int result, const char *call)
{
	if (result < 0)
		fail("%s: %s", call, strerror(errno));
	return result;
}

static void without_delay(int fd)
{
	int on = 1;

	checked(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "TCP_NODELAY");
}

/* The client */

static void send_message(struct connection *connection)
{
	connection->received = 0;
	connection->sent_at = nanoseconds();
	if (send(connection->fd, message, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
		fail("send: %s", strerror(errno));
}

static int connect_all(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int epoll = checked(epoll_create1(0), "epoll_create1");

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	all = calloc(connections, sizeof(*all));
	for (unsigned i = 0; i < connections; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};

		all[i].fd = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
		checked(connect(all[i].fd, (struct sockaddr *)&address, sizeof(address)), "connect");
		without_delay(all[i].fd);
		checked(epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event), "epoll_ctl");
	}
	return epoll;
}

static long long server_time(void)
{
	struct timespec time;

	checked(clock_gettime(server_clock, &time), "clock_gettime");
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Asks on all connections until the time is over, and then until each has its answer. */
static unsigned long long ask(int epoll, long long duration, long long *elapsed)
{
	struct epoll_event events[EVENTS];
	long long start = nanoseconds(), now = start;
	unsigned long long messages = 0;
	unsigned waiting = connections;

	latency_count = 0;
	for (unsigned i = 0; i < connections; i++)
		send_message(&all[i]);
	while (waiting) {
		int count = checked(epoll_wait(epoll, events, EVENTS, -1), "epoll_wait");

		for (int i = 0; i < count; i++) {
			struct connection *connection = events[i].data.ptr;
			int got = checked((int)recv(connection->fd, answer, bytes - connection->received, 0), "recv");

			if (!got)
				fail("the server has closed a connection");
			connection->received += (unsigned)got;
			if (connection->received < bytes)
				continue;
			now = nanoseconds();
			note_latency(now - connection->sent_at);
			messages++;
			if (now - start < duration)
				send_message(connection);
			else
				waiting--;
		}
	}
	*elapsed = now - start;
	return messages;
}

static void ask_and_report(int epoll, long long duration)
{
	long long elapsed, before = server_time();
	unsigned long long messages = ask(epoll, duration, &elapsed);
	long long used = server_time() - before;

	report(messages, elapsed);
	report_latencies();
	printf("cpu=%f\n", (double)used / (double)messages);
}

/* The server: multishot accept and receive, buffers from a ring, sent from where they were received. */

enum kind { ACCEPT, RECEIVE, SEND };

#define BUFFERS 4096
#define GROUP 0

static struct io_uring ring;
static struct io_uring_buf_ring *buffer_ring;
static char *buffers;

static struct io_uring_sqe *next_entry(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (!sqe) {
		check(io_uring_submit(&ring), "io_uring_submit");
		sqe = io_uring_get_sqe(&ring);
	}
	return sqe;
}

/* After the preparation, which clears it in versions before 2.3. */
static void tag(struct io_uring_sqe *sqe, enum kind kind, unsigned fd, unsigned buffer)
{
	io_uring_sqe_set_data64(sqe, (unsigned long long)kind << 48 | (unsigned long long)buffer << 32 | fd);
}

static void receive_from(unsigned fd)
{
	struct io_uring_sqe *sqe = next_entry();

	io_uring_prep_recv_multishot(sqe, (int)fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	tag(sqe, RECEIVE, fd, 0);
}

static void received(const struct io_uring_cqe *cqe, unsigned fd)
{
	if (cqe->res > 0) {
		unsigned buffer = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
		struct io_uring_sqe *sqe = next_entry();

		io_uring_prep_send(sqe, (int)fd, buffers + (size_t)buffer * bytes, (size_t)cqe->res, 0);
		tag(sqe, SEND, fd, buffer);
	}
	if (!(cqe->flags & IORING_CQE_F_MORE)) {
		if (cqe->res > 0 || cqe->res == -ENOBUFS)
			receive_from(fd);
		else
			close((int)fd);
	}
}

static void accept_from(int listener)
{
	struct io_uring_sqe *sqe = next_entry();

	io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, 0);
	tag(sqe, ACCEPT, (unsigned)listener, 0);
}

static void completed(const struct io_uring_cqe *cqe)
{
	unsigned fd = (unsigned)cqe->user_data, buffer = (unsigned)(cqe->user_data >> 32) & 0xffff;

	switch ((enum kind)(cqe->user_data >> 48)) {
	case ACCEPT:
		check(cqe->res, "accept");
		without_delay(cqe->res);
		receive_from((unsigned)cqe->res);
		if (!(cqe->flags & IORING_CQE_F_MORE))
			accept_from((int)fd);
		break;
	case RECEIVE:
		received(cqe, fd);
		break;
	default:
		/* Whole, or the client would wait for ever: so little always fits. */
		io_uring_buf_ring_add(buffer_ring, buffers + (size_t)buffer * bytes, bytes, (unsigned short)buffer,
				      BUFFERS - 1, 0);
		io_uring_buf_ring_advance(buffer_ring, 1);
	}
}

static void serve(int listener, char **argv)
{
	struct io_uring_buf_reg group = {.ring_entries = BUFFERS, .bgid = GROUP};

	open_ring((unsigned)number_argument(argv, "entries"), argv, &ring);
	buffers = malloc((size_t)BUFFERS * bytes);
	if (!buffers || posix_memalign((void **)&buffer_ring, (size_t)sysconf(_SC_PAGESIZE),
				       BUFFERS * sizeof(struct io_uring_buf)))
		fail("no memory for buffers");
	io_uring_buf_ring_init(buffer_ring);
	group.ring_addr = (unsigned long long)buffer_ring;
	check(io_uring_register_buf_ring(&ring, &group, 0), "io_uring_register_buf_ring");
	for (unsigned i = 0; i < BUFFERS; i++)
		io_uring_buf_ring_add(buffer_ring, buffers + (size_t)i * bytes, bytes, (unsigned short)i, BUFFERS - 1,
				      (int)i);
	io_uring_buf_ring_advance(buffer_ring, BUFFERS);
	accept_from(listener);
	for (;;) {
		struct io_uring_cqe *cqe;
		unsigned head, count = 0;

		check(io_uring_submit_and_wait(&ring, 1), "io_uring_submit_and_wait");
		io_uring_for_each_cqe(&ring, head, cqe) {
			completed(cqe);
			count++;
		}
		io_uring_cq_advance(&ring, count);
	}
}

static unsigned listen_anywhere(int *listener)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*listener = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
	checked(bind(*listener, (struct sockaddr *)&address, sizeof(address)), "bind");
	checked(listen(*listener, 1024), "listen");
	checked(getsockname(*listener, (struct sockaddr *)&address, &length), "getsockname");
	return ntohs(address.sin_port);
}

static void serve_and_ask(char **argv)
{
	long long duration = (long long)number_argument(argv, "millis") * 1000000, elapsed;
	int listener, epoll;
	unsigned port = listen_anywhere(&listener);
	pid_t child = checked(fork(), "fork");

	if (!child) {
		/* Not left over when the client fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(listener, argv);
	}
	close(listener);
	if (clock_getcpuclockid(child, &server_clock))
		fail("no clock of process %d", child);
	epoll = connect_all(port);
	ask(epoll, duration / 10, &elapsed);
	ask_and_report(epoll, duration);
	kill(child, SIGKILL);
}

static void ask_when_told(char **argv)
{
	char line[32];
	int epoll;

	if (clock_getcpuclockid((pid_t)number_argument(argv, "server"), &server_clock))
		fail("no clock of that process");
	epoll = connect_all((unsigned)number_argument(argv, "port"));
	while (fgets(line, sizeof(line), stdin)) {
		ask_and_report(epoll, strtoll(line, NULL, 10) * 1000000);
		puts("end");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	connections = (unsigned)number_argument(argv, "connections");
	bytes = (unsigned)number_argument(argv, "bytes");
	if (bytes > MOST_BYTES)
		fail("more than %d bytes", MOST_BYTES);
	if (!strcmp(text_argument(argv, "role"), "client"))
		ask_when_told(argv);
	else
		serve_and_ask(argv);
	return 0;
}
