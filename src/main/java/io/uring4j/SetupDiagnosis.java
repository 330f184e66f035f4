package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.sys.Libc;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Tells why io_uring_setup was refused, and what to do about it. */
final class SetupDiagnosis {
    private static final String PROFILE_HINT = "A seccomp profile blocks io_uring, as container engines do by default: "
            + "allow the system calls io_uring_setup, io_uring_enter and io_uring_register in the profile "
            + "(Docker and Podman: --security-opt seccomp=FILE, or seccomp=unconfined to try)";

    private final Host host;

    SetupDiagnosis(Host host) {
        this.host = host;
    }

    static SetupDiagnosis ofHost() {
        return new SetupDiagnosis(Host.current());
    }

    UringException explain(int errno) {
        return explain("io_uring_setup", errno);
    }

    /** For a refusal of another of the three calls, which a profile can block alone. */
    UringException explain(String call, int errno) {
        return new UringException(call, errno, hint(Errno.of(errno)));
    }

    private String hint(Errno errno) {
        return switch (errno) {
            case ENOSYS -> host.seccompFiltered()
                    ? PROFILE_HINT + ", or the kernel (" + host.kernelRelease() + ") was built without CONFIG_IO_URING"
                    : "The kernel (" + host.kernelRelease()
                            + ") is older than 5.1 or was built without CONFIG_IO_URING: run Linux 5.10 or newer";
            case EPERM -> permission();
            case ENOMEM -> "The memory for the rings was refused; before Linux 5.12 and from 6.14 on it counts as locked "
                    + "memory, of which " + host.memlock() + " are allowed: raise it (ulimit -l, LimitMEMLOCK= of systemd, "
                    + "--ulimit memlock= of Docker) or make the queues smaller";
            case EMFILE -> "The process has no free descriptor: raise ulimit -n, or close what isn't needed";
            case ENFILE -> "The system has no free descriptor: raise the sysctl fs.file-max";
            case EINVAL -> "The kernel (" + host.kernelRelease()
                    + ") refused the sizes or the combination of flags; RingConfig.best takes one that it has";
            case null, default -> "";
        };
    }

    private String permission() {
        return switch (host.ioUringDisabled()) {
            case "2" -> "The sysctl kernel.io_uring_disabled is 2, which forbids io_uring to all: set it to 0, or to 1 "
                    + "for privileged processes only";
            case "1" -> "The sysctl kernel.io_uring_disabled is 1, which allows io_uring only to processes with "
                    + "CAP_SYS_ADMIN or in the group of the sysctl kernel.io_uring_group: set it to 0, or join that group";
            default -> host.seccompFiltered()
                    ? PROFILE_HINT
                    : "A security policy of the system (SELinux, AppArmor, BPF) forbids io_uring, or the set-up asks for "
                            + "a privilege that this process lacks";
        };
    }

    /** What this machine says of itself; each answer is empty or false where it can't be had. */
    record Host(String kernelRelease, String ioUringDisabled, boolean seccompFiltered, String memlock) {
        static Host current() {
            return new Host(
                    read("/proc/sys/kernel/osrelease"),
                    read("/proc/sys/kernel/io_uring_disabled"),
                    read("/proc/thread-self/status").lines().anyMatch(line -> line.matches("Seccomp:\\s*2")),
                    describeLimit(Libc.softLimit(Abi.RLIMIT_MEMLOCK())));
        }

        /** In one large read: a sysctl gives several characters only to a read that has room for them. */
        private static String read(String file) {
            byte[] content = new byte[8192];
            try (InputStream in = new FileInputStream(file)) {
                int length = in.readNBytes(content, 0, content.length);
                return new String(content, 0, length, StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                return "";
            }
        }

        private static String describeLimit(long bytes) {
            return bytes == Long.MAX_VALUE ? "unlimited" : bytes / 1024 + " KiB";
        }
    }
}
