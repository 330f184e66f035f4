package io.uring4j;

import java.lang.foreign.GroupLayout;

/** What differs between the architectures that the library runs on. */
enum Architecture {
    X86_64(
            io.uring4j.abi.x86_64.Arch.O_DIRECT(),
            io.uring4j.abi.x86_64.Arch.O_DIRECTORY(),
            io.uring4j.abi.x86_64.Arch.O_NOFOLLOW(),
            io.uring4j.abi.x86_64.epoll_event.layout(),
            io.uring4j.abi.x86_64.epoll_event.data$offset()),
    AARCH64(
            io.uring4j.abi.aarch64.Arch.O_DIRECT(),
            io.uring4j.abi.aarch64.Arch.O_DIRECTORY(),
            io.uring4j.abi.aarch64.Arch.O_NOFOLLOW(),
            io.uring4j.abi.aarch64.epoll_event.layout(),
            io.uring4j.abi.aarch64.epoll_event.data$offset());

    private final int openDirect;
    private final int openDirectory;
    private final int openNoFollow;
    private final GroupLayout epollEvent;
    private final long epollDataOffset;

    Architecture(
            int openDirect, int openDirectory, int openNoFollow, GroupLayout epollEvent, long epollDataOffset) {
        this.openDirect = openDirect;
        this.openDirectory = openDirectory;
        this.openNoFollow = openNoFollow;
        this.epollEvent = epollEvent;
        this.epollDataOffset = epollDataOffset;
    }

    static Architecture current() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default -> throw new UnsupportedOperationException(
                    "uring4j knows the kernel's numbers for x86-64 and AArch64, not for " + name);
        };
    }

    int openDirect() {
        return openDirect;
    }

    int openDirectory() {
        return openDirectory;
    }

    int openNoFollow() {
        return openNoFollow;
    }

    GroupLayout epollEvent() {
        return epollEvent;
    }

    long epollDataOffset() {
        return epollDataOffset;
    }
}
