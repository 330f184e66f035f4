package io.uring4j.loop;

import io.uring4j.Sqe;
import io.uring4j.TimeoutFlags;
import java.lang.foreign.MemorySegment;

/**
 * Fills an entry from the fields of an operation, on the loop's thread; each says which fields it uses, and how. Each is a
 * class of its own: with lambdas in their place a NOP through a loop takes a tenth more.
 */
enum Preparation {
    /** Runs {@link Operation#other} on the loop; never reaches the kernel. */
    TASK("task") {
        @Override
        void fill(Sqe entry, Operation op) {
            throw new IllegalStateException("a task has no entry");
        }
    },

    NOP("nop") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.nop();
        }
    },

    READ("read") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.read(op.fd, memory(op), op.length, op.offset).rwFlags(op.flags);
        }
    },

    WRITE("write") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.write(op.fd, memory(op), op.length, op.offset).rwFlags(op.flags);
        }
    },

    /** {@code memory}: the iovecs, {@code number} of them. */
    READV("readv") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.readv(op.fd, memory(op), op.number, op.offset);
        }
    },

    WRITEV("writev") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.writev(op.fd, memory(op), op.number, op.offset);
        }
    },

    READ_FIXED("read") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.readFixed(op.fd, memory(op), op.length, op.offset, op.number);
        }
    },

    WRITE_FIXED("write") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.writeFixed(op.fd, memory(op), op.length, op.offset, op.number);
        }
    },

    FSYNC("fsync") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.fsync(op.fd, op.flags);
        }
    },

    /** {@code otherOffset}: the length of the part. */
    FALLOCATE("fallocate") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.fallocate(op.fd, op.flags, op.offset, op.otherOffset);
        }
    },

    FTRUNCATE("ftruncate") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.ftruncate(op.fd, op.offset);
        }
    },

    SPLICE("splice") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.splice(op.otherFd, op.otherOffset, op.fd, op.offset, op.length, op.flags);
        }
    },

    /** {@code number}: the mode of a new file. */
    OPEN("openat") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.openat(op.fd, memory(op), op.flags, op.number);
        }
    },

    /** {@code otherFd}: the slot. */
    OPEN_DIRECT("openat") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.openatDirect(op.fd, memory(op), op.flags, op.number, op.otherFd);
        }
    },

    CLOSE("close") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.close(op.fd);
        }
    },

    CLOSE_DIRECT("close") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.closeDirect(op.fd);
        }
    },

    /** {@code number}: the mask. */
    STATX("statx") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.statx(op.fd, memory(op), op.flags, op.number, otherMemory(op));
        }
    },

    RENAME("renameat2") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.renameat(op.fd, memory(op), op.otherFd, otherMemory(op), op.flags);
        }
    },

    UNLINK("unlinkat") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.unlinkat(op.fd, memory(op), op.flags);
        }
    },

    MAKE_DIRECTORY("mkdirat") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.mkdirat(op.fd, memory(op), op.number);
        }
    },

    /** {@code fd}: the domain; {@code number}: the type; {@code length}: the protocol. */
    SOCKET("socket") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.socket(op.fd, op.number, op.length);
        }
    },

    /** As {@link #SOCKET}; {@code otherFd}: the slot. */
    SOCKET_DIRECT("socket") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.socketDirect(op.fd, op.number, op.length, op.otherFd);
        }
    },

    BIND("bind") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.bind(op.fd, memory(op));
        }
    },

    LISTEN("listen") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.listen(op.fd, op.number);
        }
    },

    CONNECT("connect") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.connect(op.fd, memory(op));
        }
    },

    ACCEPT("accept") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.accept(op.fd, MemorySegment.NULL, MemorySegment.NULL, op.flags);
        }
    },

    /** {@code otherFd}: the slot. */
    ACCEPT_DIRECT("accept") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.acceptDirect(op.fd, MemorySegment.NULL, MemorySegment.NULL, op.flags, op.otherFd);
        }
    },

    ACCEPT_MULTISHOT("accept") {
        @Override
        void fill(Sqe entry, Operation op) {
            require(entry, op, LoopFeature.MULTISHOT_ACCEPT);
            entry.acceptMultishot(op.fd, op.flags);
        }
    },

    ACCEPT_MULTISHOT_DIRECT("accept") {
        @Override
        void fill(Sqe entry, Operation op) {
            require(entry, op, LoopFeature.MULTISHOT_ACCEPT);
            entry.acceptMultishotDirect(op.fd, op.flags);
        }
    },

    SHUTDOWN("shutdown") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.shutdown(op.fd, op.number);
        }
    },

    /** {@code number}: the level; {@code otherFd}: the option. */
    GET_OPTION("getsockopt") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.getsockopt(op.fd, op.number, op.otherFd, memory(op));
        }
    },

    SET_OPTION("setsockopt") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.setsockopt(op.fd, op.number, op.otherFd, memory(op));
        }
    },

    SEND("send") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.send(op.fd, memory(op), op.length, op.flags);
        }
    },

    SEND_ZERO_COPY("send") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.sendZeroCopy(op.fd, memory(op), op.length, op.flags);
        }
    },

    SEND_MESSAGE("sendmsg") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.sendmsg(op.fd, memory(op), op.flags);
        }
    },

    RECEIVE("recv") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.recv(op.fd, memory(op), op.length, op.flags);
        }
    },

    RECEIVE_MESSAGE("recvmsg") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.recvmsg(op.fd, memory(op), op.flags);
        }
    },

    /** {@code number}: the group; {@code length}: the size of its buffers. */
    RECEIVE_PROVIDED("recv") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.recv(op.fd, MemorySegment.NULL, op.length, op.flags).selectBuffer(op.number);
        }
    },

    /** As {@link #RECEIVE_PROVIDED}. */
    READ_PROVIDED("read") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.read(op.fd, MemorySegment.NULL, op.length, op.offset).selectBuffer(op.number);
        }
    },

    READ_MULTISHOT("read") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.readMultishot(op.fd, 0, op.offset, op.number);
        }
    },

    RECEIVE_MULTISHOT("recv") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.recvMultishot(op.fd, op.flags, op.number);
        }
    },

    RECEIVE_MULTISHOT_BUNDLE("recv") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.recvMultishot(op.fd, op.flags, op.number).bundle();
        }
    },

    RECEIVE_MESSAGE_MULTISHOT("recvmsg") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.recvmsgMultishot(op.fd, memory(op), op.flags, op.number);
        }
    },

    RECEIVE_MESSAGE_PROVIDED("recvmsg") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.recvmsg(op.fd, memory(op), op.flags).selectBuffer(op.number);
        }
    },

    /** {@code offset}: the time in nanoseconds; {@code number}: how often, with MULTISHOT. */
    TIMEOUT("timeout") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.timeout(op.loop.timespec(op.offset), op.number, op.flags);
        }
    },

    TIMEOUT_MULTISHOT("timeout") {
        @Override
        void fill(Sqe entry, Operation op) {
            require(entry, op, LoopFeature.MULTISHOT_TIMER);
            entry.timeout(op.loop.timespec(op.offset), op.number, TimeoutFlags.MULTISHOT);
        }
    },

    /** {@code number}: the events. */
    POLL("poll") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.pollAdd(op.fd, op.number);
        }
    },

    POLL_MULTISHOT("poll") {
        @Override
        void fill(Sqe entry, Operation op) {
            require(entry, op, LoopFeature.MULTISHOT_POLL);
            entry.pollMultishot(op.fd, op.number);
        }
    },

    /** {@code offset}: the token of the operation to be cancelled. */
    CANCEL("cancel") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.cancel(op.offset, 0);
            op.loop.noteCancellation(op.offset);
        }
    },

    CANCEL_FD("cancel") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.cancelFd(op.fd, op.flags);
        }
    },

    /** {@code fd}: the other ring; {@code number}: the value; {@code offset}: the user data there. */
    MESSAGE("msg_ring") {
        @Override
        void fill(Sqe entry, Operation op) {
            require(entry, op, LoopFeature.RING_MESSAGES);
            entry.msgRing(op.fd, op.number, op.offset, 0);
        }
    },

    /** {@code otherFd}: the slot here; {@code number}: the slot there. */
    MESSAGE_FILE("msg_ring") {
        @Override
        void fill(Sqe entry, Operation op) {
            require(entry, op, LoopFeature.RING_MESSAGES);
            entry.msgRingFd(op.fd, op.otherFd, op.number, op.offset, 0);
        }
    },

    INSTALL("fixed_fd_install") {
        @Override
        void fill(Sqe entry, Operation op) {
            entry.fixedFdInstall(op.fd, true);
        }
    };

    private final String call;

    Preparation(String call) {
        this.call = call;
    }

    abstract void fill(Sqe entry, Operation op);

    /** Whether a loop that is ending still does it, for the handlers that are told of the end. */
    boolean cleansUp() {
        return switch (this) {
            case CLOSE, CLOSE_DIRECT, SHUTDOWN -> true;
            default -> false;
        };
    }

    /** What the kernel calls it, for messages. */
    String call() {
        return call;
    }

    /** Refuses what the loop doesn't use. The entry, which may be part of a chain, then does nothing. */
    private static void require(Sqe entry, Operation op, LoopFeature feature) {
        if (!op.loop.uses(feature)) {
            // What an earlier operation has left in it, some kernels wouldn't take.
            entry.nop();
            throw op.loop.without(feature);
        }
    }

    private static MemorySegment memory(Operation op) {
        MemorySegment memory = op.memory;
        return memory == null ? MemorySegment.NULL : memory;
    }

    private static MemorySegment otherMemory(Operation op) {
        MemorySegment memory = op.otherMemory;
        return memory == null ? MemorySegment.NULL : memory;
    }
}
