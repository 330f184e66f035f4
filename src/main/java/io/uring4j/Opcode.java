package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * The operations of io_uring, in the order of their numbers. {@link Sqe} has a method for each.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
 */
public enum Opcode {
    /** Does nothing, and completes. */
    NOP(Abi.IORING_OP_NOP(), "5.1"),

    /** Reads into several buffers. */
    READV(Abi.IORING_OP_READV(), "5.1"),

    /** Writes from several buffers. */
    WRITEV(Abi.IORING_OP_WRITEV(), "5.1"),

    /** Makes a file's content durable. */
    FSYNC(Abi.IORING_OP_FSYNC(), "5.1"),

    /** Reads into a registered buffer. */
    READ_FIXED(Abi.IORING_OP_READ_FIXED(), "5.1"),

    /** Writes from a registered buffer. */
    WRITE_FIXED(Abi.IORING_OP_WRITE_FIXED(), "5.1"),

    /** Waits for a descriptor to become ready. */
    POLL_ADD(Abi.IORING_OP_POLL_ADD(), "5.1"),

    /** Ends or updates a poll. */
    POLL_REMOVE(Abi.IORING_OP_POLL_REMOVE(), "5.1"),

    /** Starts writeback of a part of a file. */
    SYNC_FILE_RANGE(Abi.IORING_OP_SYNC_FILE_RANGE(), "5.2"),

    /** Sends a message. */
    SENDMSG(Abi.IORING_OP_SENDMSG(), "5.3"),

    /** Receives a message. */
    RECVMSG(Abi.IORING_OP_RECVMSG(), "5.3"),

    /** Completes after a time or a number of completions. */
    TIMEOUT(Abi.IORING_OP_TIMEOUT(), "5.4"),

    /** Ends or updates a timeout. */
    TIMEOUT_REMOVE(Abi.IORING_OP_TIMEOUT_REMOVE(), "5.5"),

    /** Accepts a connection. */
    ACCEPT(Abi.IORING_OP_ACCEPT(), "5.5"),

    /** Cancels requests. */
    ASYNC_CANCEL(Abi.IORING_OP_ASYNC_CANCEL(), "5.5"),

    /** Bounds the time of the request that it is linked to. */
    LINK_TIMEOUT(Abi.IORING_OP_LINK_TIMEOUT(), "5.5"),

    /** Connects a socket. */
    CONNECT(Abi.IORING_OP_CONNECT(), "5.5"),

    /** Allocates or frees space of a file. */
    FALLOCATE(Abi.IORING_OP_FALLOCATE(), "5.6"),

    /** Opens a file. */
    OPENAT(Abi.IORING_OP_OPENAT(), "5.6"),

    /** Closes a descriptor. */
    CLOSE(Abi.IORING_OP_CLOSE(), "5.6"),

    /** Updates the registered files. */
    FILES_UPDATE(Abi.IORING_OP_FILES_UPDATE(), "5.6"),

    /** Reads a file's status. */
    STATX(Abi.IORING_OP_STATX(), "5.6"),

    /** Reads into a buffer. */
    READ(Abi.IORING_OP_READ(), "5.6"),

    /** Writes from a buffer. */
    WRITE(Abi.IORING_OP_WRITE(), "5.6"),

    /** Announces how a file will be read. */
    FADVISE(Abi.IORING_OP_FADVISE(), "5.6"),

    /** Announces how memory will be used. */
    MADVISE(Abi.IORING_OP_MADVISE(), "5.6"),

    /** Sends on a socket. */
    SEND(Abi.IORING_OP_SEND(), "5.6"),

    /** Receives from a socket. */
    RECV(Abi.IORING_OP_RECV(), "5.6"),

    /** Opens a file, with restrictions on the path. */
    OPENAT2(Abi.IORING_OP_OPENAT2(), "5.6"),

    /** Changes an epoll set. */
    EPOLL_CTL(Abi.IORING_OP_EPOLL_CTL(), "5.6"),

    /** Moves data between a pipe and a file. */
    SPLICE(Abi.IORING_OP_SPLICE(), "5.7"),

    /** Gives buffers to a group. */
    PROVIDE_BUFFERS(Abi.IORING_OP_PROVIDE_BUFFERS(), "5.7"),

    /** Takes buffers from a group. */
    REMOVE_BUFFERS(Abi.IORING_OP_REMOVE_BUFFERS(), "5.7"),

    /** Duplicates data between pipes. */
    TEE(Abi.IORING_OP_TEE(), "5.8"),

    /** Shuts down a socket. */
    SHUTDOWN(Abi.IORING_OP_SHUTDOWN(), "5.11"),

    /** Renames a file. */
    RENAMEAT(Abi.IORING_OP_RENAMEAT(), "5.11"),

    /** Removes a file or a directory. */
    UNLINKAT(Abi.IORING_OP_UNLINKAT(), "5.11"),

    /** Makes a directory. */
    MKDIRAT(Abi.IORING_OP_MKDIRAT(), "5.15"),

    /** Makes a symbolic link. */
    SYMLINKAT(Abi.IORING_OP_SYMLINKAT(), "5.15"),

    /** Makes a hard link. */
    LINKAT(Abi.IORING_OP_LINKAT(), "5.15"),

    /** Sends a completion or a file to another ring. */
    MSG_RING(Abi.IORING_OP_MSG_RING(), "5.18"),

    /** Sets an extended attribute of an open file. */
    FSETXATTR(Abi.IORING_OP_FSETXATTR(), "5.19"),

    /** Sets an extended attribute of a path. */
    SETXATTR(Abi.IORING_OP_SETXATTR(), "5.19"),

    /** Reads an extended attribute of an open file. */
    FGETXATTR(Abi.IORING_OP_FGETXATTR(), "5.19"),

    /** Reads an extended attribute of a path. */
    GETXATTR(Abi.IORING_OP_GETXATTR(), "5.19"),

    /** Makes a socket. */
    SOCKET(Abi.IORING_OP_SOCKET(), "5.19"),

    /** A command that the file's driver defines. */
    URING_CMD(Abi.IORING_OP_URING_CMD(), "5.19"),

    /** Sends without copying. */
    SEND_ZC(Abi.IORING_OP_SEND_ZC(), "6.0"),

    /** Sends a message without copying. */
    SENDMSG_ZC(Abi.IORING_OP_SENDMSG_ZC(), "6.1"),

    /** Reads again and again into provided buffers. */
    READ_MULTISHOT(Abi.IORING_OP_READ_MULTISHOT(), "6.7"),

    /** Waits for a child process. */
    WAITID(Abi.IORING_OP_WAITID(), "6.7"),

    /** Waits on a futex. */
    FUTEX_WAIT(Abi.IORING_OP_FUTEX_WAIT(), "6.7"),

    /** Wakes waiters of a futex. */
    FUTEX_WAKE(Abi.IORING_OP_FUTEX_WAKE(), "6.7"),

    /** Waits on any of several futexes. */
    FUTEX_WAITV(Abi.IORING_OP_FUTEX_WAITV(), "6.7"),

    /** Makes an ordinary descriptor of a registered file. */
    FIXED_FD_INSTALL(Abi.IORING_OP_FIXED_FD_INSTALL(), "6.8"),

    /** Sets a file's size. */
    FTRUNCATE(Abi.IORING_OP_FTRUNCATE(), "6.9"),

    /** Binds a socket to an address. */
    BIND(Abi.IORING_OP_BIND(), "6.11"),

    /** Makes a socket listen. */
    LISTEN(Abi.IORING_OP_LISTEN(), "6.11"),

    /** Receives without copying. */
    RECV_ZC(Abi.IORING_OP_RECV_ZC(), "6.15"),

    /** Waits for events of an epoll set. */
    EPOLL_WAIT(Abi.IORING_OP_EPOLL_WAIT(), "6.15"),

    /** Reads into several parts of a registered buffer. */
    READV_FIXED(Abi.IORING_OP_READV_FIXED(), "6.15"),

    /** Writes from several parts of a registered buffer. */
    WRITEV_FIXED(Abi.IORING_OP_WRITEV_FIXED(), "6.15"),

    /** Makes a pipe. */
    PIPE(Abi.IORING_OP_PIPE(), "6.16"),

    /** Does nothing, with an entry of 128 bytes. */
    NOP128(Abi.IORING_OP_NOP128(), "6.19"),

    /** A command that the file's driver defines, with an entry of 128 bytes. */
    URING_CMD128(Abi.IORING_OP_URING_CMD128(), "6.19");

    private final int code;
    private final KernelVersion since;

    Opcode(int code, String since) {
        this.code = code;
        this.since = KernelVersion.of(since);
    }

    /** {@return the number, as the kernel's header has it} */
    public int code() {
        return code;
    }

    /** {@return the first kernel that has it} */
    public KernelVersion since() {
        return since;
    }
}
