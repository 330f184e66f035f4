package io.uring4j;

import io.uring4j.abi.Abi;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The error numbers of Linux. A completion's negative result is minus one of these.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/errno.3.html">errno(3)</a>
 */
public enum Errno {
    /** Operation not permitted. */
    EPERM(Abi.EPERM(), "operation not permitted"),

    /** No such file or directory. */
    ENOENT(Abi.ENOENT(), "no such file or directory"),

    /** No such process. */
    ESRCH(Abi.ESRCH(), "no such process"),

    /** Interrupted system call. */
    EINTR(Abi.EINTR(), "interrupted system call"),

    /** Input/output error. */
    EIO(Abi.EIO(), "input/output error"),

    /** No such device or address. */
    ENXIO(Abi.ENXIO(), "no such device or address"),

    /** Argument list too long. */
    E2BIG(Abi.E2BIG(), "argument list too long"),

    /** Exec format error. */
    ENOEXEC(Abi.ENOEXEC(), "exec format error"),

    /** Bad file descriptor. */
    EBADF(Abi.EBADF(), "bad file descriptor"),

    /** No child processes. */
    ECHILD(Abi.ECHILD(), "no child processes"),

    /** Resource temporarily unavailable. */
    EAGAIN(Abi.EAGAIN(), "resource temporarily unavailable"),

    /** Cannot allocate memory. */
    ENOMEM(Abi.ENOMEM(), "cannot allocate memory"),

    /** Permission denied. */
    EACCES(Abi.EACCES(), "permission denied"),

    /** Bad address. */
    EFAULT(Abi.EFAULT(), "bad address"),

    /** Block device required. */
    ENOTBLK(Abi.ENOTBLK(), "block device required"),

    /** Device or resource busy. */
    EBUSY(Abi.EBUSY(), "device or resource busy"),

    /** File exists. */
    EEXIST(Abi.EEXIST(), "file exists"),

    /** Invalid cross-device link. */
    EXDEV(Abi.EXDEV(), "invalid cross-device link"),

    /** No such device. */
    ENODEV(Abi.ENODEV(), "no such device"),

    /** Not a directory. */
    ENOTDIR(Abi.ENOTDIR(), "not a directory"),

    /** Is a directory. */
    EISDIR(Abi.EISDIR(), "is a directory"),

    /** Invalid argument. */
    EINVAL(Abi.EINVAL(), "invalid argument"),

    /** Too many open files in system. */
    ENFILE(Abi.ENFILE(), "too many open files in system"),

    /** Too many open files. */
    EMFILE(Abi.EMFILE(), "too many open files"),

    /** Inappropriate ioctl for device. */
    ENOTTY(Abi.ENOTTY(), "inappropriate ioctl for device"),

    /** Text file busy. */
    ETXTBSY(Abi.ETXTBSY(), "text file busy"),

    /** File too large. */
    EFBIG(Abi.EFBIG(), "file too large"),

    /** No space left on device. */
    ENOSPC(Abi.ENOSPC(), "no space left on device"),

    /** Illegal seek. */
    ESPIPE(Abi.ESPIPE(), "illegal seek"),

    /** Read-only file system. */
    EROFS(Abi.EROFS(), "read-only file system"),

    /** Too many links. */
    EMLINK(Abi.EMLINK(), "too many links"),

    /** Broken pipe. */
    EPIPE(Abi.EPIPE(), "broken pipe"),

    /** Numerical argument out of domain. */
    EDOM(Abi.EDOM(), "numerical argument out of domain"),

    /** Numerical result out of range. */
    ERANGE(Abi.ERANGE(), "numerical result out of range"),

    /** Resource deadlock avoided. */
    EDEADLK(Abi.EDEADLK(), "resource deadlock avoided"),

    /** File name too long. */
    ENAMETOOLONG(Abi.ENAMETOOLONG(), "file name too long"),

    /** No locks available. */
    ENOLCK(Abi.ENOLCK(), "no locks available"),

    /** Function not implemented. */
    ENOSYS(Abi.ENOSYS(), "function not implemented"),

    /** Directory not empty. */
    ENOTEMPTY(Abi.ENOTEMPTY(), "directory not empty"),

    /** Too many levels of symbolic links. */
    ELOOP(Abi.ELOOP(), "too many levels of symbolic links"),

    /** No message of desired type. */
    ENOMSG(Abi.ENOMSG(), "no message of desired type"),

    /** Identifier removed. */
    EIDRM(Abi.EIDRM(), "identifier removed"),

    /** Channel number out of range. */
    ECHRNG(Abi.ECHRNG(), "channel number out of range"),

    /** Level 2 not synchronized. */
    EL2NSYNC(Abi.EL2NSYNC(), "level 2 not synchronized"),

    /** Level 3 halted. */
    EL3HLT(Abi.EL3HLT(), "level 3 halted"),

    /** Level 3 reset. */
    EL3RST(Abi.EL3RST(), "level 3 reset"),

    /** Link number out of range. */
    ELNRNG(Abi.ELNRNG(), "link number out of range"),

    /** Protocol driver not attached. */
    EUNATCH(Abi.EUNATCH(), "protocol driver not attached"),

    /** No CSI structure available. */
    ENOCSI(Abi.ENOCSI(), "no CSI structure available"),

    /** Level 2 halted. */
    EL2HLT(Abi.EL2HLT(), "level 2 halted"),

    /** Invalid exchange. */
    EBADE(Abi.EBADE(), "invalid exchange"),

    /** Invalid request descriptor. */
    EBADR(Abi.EBADR(), "invalid request descriptor"),

    /** Exchange full. */
    EXFULL(Abi.EXFULL(), "exchange full"),

    /** No anode. */
    ENOANO(Abi.ENOANO(), "no anode"),

    /** Invalid request code. */
    EBADRQC(Abi.EBADRQC(), "invalid request code"),

    /** Invalid slot. */
    EBADSLT(Abi.EBADSLT(), "invalid slot"),

    /** Bad font file format. */
    EBFONT(Abi.EBFONT(), "bad font file format"),

    /** Device not a stream. */
    ENOSTR(Abi.ENOSTR(), "device not a stream"),

    /** No data available. */
    ENODATA(Abi.ENODATA(), "no data available"),

    /** Timer expired. */
    ETIME(Abi.ETIME(), "timer expired"),

    /** Out of streams resources. */
    ENOSR(Abi.ENOSR(), "out of streams resources"),

    /** Machine is not on the network. */
    ENONET(Abi.ENONET(), "machine is not on the network"),

    /** Package not installed. */
    ENOPKG(Abi.ENOPKG(), "package not installed"),

    /** Object is remote. */
    EREMOTE(Abi.EREMOTE(), "object is remote"),

    /** Link has been severed. */
    ENOLINK(Abi.ENOLINK(), "link has been severed"),

    /** Advertise error. */
    EADV(Abi.EADV(), "advertise error"),

    /** Srmount error. */
    ESRMNT(Abi.ESRMNT(), "srmount error"),

    /** Communication error on send. */
    ECOMM(Abi.ECOMM(), "communication error on send"),

    /** Protocol error. */
    EPROTO(Abi.EPROTO(), "protocol error"),

    /** Multihop attempted. */
    EMULTIHOP(Abi.EMULTIHOP(), "multihop attempted"),

    /** RFS specific error. */
    EDOTDOT(Abi.EDOTDOT(), "RFS specific error"),

    /** Bad message. */
    EBADMSG(Abi.EBADMSG(), "bad message"),

    /** Value too large for defined data type. */
    EOVERFLOW(Abi.EOVERFLOW(), "value too large for defined data type"),

    /** Name not unique on network. */
    ENOTUNIQ(Abi.ENOTUNIQ(), "name not unique on network"),

    /** File descriptor in bad state. */
    EBADFD(Abi.EBADFD(), "file descriptor in bad state"),

    /** Remote address changed. */
    EREMCHG(Abi.EREMCHG(), "remote address changed"),

    /** Can not access a needed shared library. */
    ELIBACC(Abi.ELIBACC(), "can not access a needed shared library"),

    /** Accessing a corrupted shared library. */
    ELIBBAD(Abi.ELIBBAD(), "accessing a corrupted shared library"),

    /** .lib section in a.out corrupted. */
    ELIBSCN(Abi.ELIBSCN(), ".lib section in a.out corrupted"),

    /** Attempting to link in too many shared libraries. */
    ELIBMAX(Abi.ELIBMAX(), "attempting to link in too many shared libraries"),

    /** Cannot exec a shared library directly. */
    ELIBEXEC(Abi.ELIBEXEC(), "cannot exec a shared library directly"),

    /** Invalid or incomplete multibyte or wide character. */
    EILSEQ(Abi.EILSEQ(), "invalid or incomplete multibyte or wide character"),

    /** Interrupted system call should be restarted. */
    ERESTART(Abi.ERESTART(), "interrupted system call should be restarted"),

    /** Streams pipe error. */
    ESTRPIPE(Abi.ESTRPIPE(), "streams pipe error"),

    /** Too many users. */
    EUSERS(Abi.EUSERS(), "too many users"),

    /** Socket operation on non-socket. */
    ENOTSOCK(Abi.ENOTSOCK(), "socket operation on non-socket"),

    /** Destination address required. */
    EDESTADDRREQ(Abi.EDESTADDRREQ(), "destination address required"),

    /** Message too long. */
    EMSGSIZE(Abi.EMSGSIZE(), "message too long"),

    /** Protocol wrong type for socket. */
    EPROTOTYPE(Abi.EPROTOTYPE(), "protocol wrong type for socket"),

    /** Protocol not available. */
    ENOPROTOOPT(Abi.ENOPROTOOPT(), "protocol not available"),

    /** Protocol not supported. */
    EPROTONOSUPPORT(Abi.EPROTONOSUPPORT(), "protocol not supported"),

    /** Socket type not supported. */
    ESOCKTNOSUPPORT(Abi.ESOCKTNOSUPPORT(), "socket type not supported"),

    /** Operation not supported. */
    EOPNOTSUPP(Abi.EOPNOTSUPP(), "operation not supported"),

    /** Protocol family not supported. */
    EPFNOSUPPORT(Abi.EPFNOSUPPORT(), "protocol family not supported"),

    /** Address family not supported by protocol. */
    EAFNOSUPPORT(Abi.EAFNOSUPPORT(), "address family not supported by protocol"),

    /** Address already in use. */
    EADDRINUSE(Abi.EADDRINUSE(), "address already in use"),

    /** Cannot assign requested address. */
    EADDRNOTAVAIL(Abi.EADDRNOTAVAIL(), "cannot assign requested address"),

    /** Network is down. */
    ENETDOWN(Abi.ENETDOWN(), "network is down"),

    /** Network is unreachable. */
    ENETUNREACH(Abi.ENETUNREACH(), "network is unreachable"),

    /** Network dropped connection on reset. */
    ENETRESET(Abi.ENETRESET(), "network dropped connection on reset"),

    /** Software caused connection abort. */
    ECONNABORTED(Abi.ECONNABORTED(), "software caused connection abort"),

    /** Connection reset by peer. */
    ECONNRESET(Abi.ECONNRESET(), "connection reset by peer"),

    /** No buffer space available. */
    ENOBUFS(Abi.ENOBUFS(), "no buffer space available"),

    /** Transport endpoint is already connected. */
    EISCONN(Abi.EISCONN(), "transport endpoint is already connected"),

    /** Transport endpoint is not connected. */
    ENOTCONN(Abi.ENOTCONN(), "transport endpoint is not connected"),

    /** Cannot send after transport endpoint shutdown. */
    ESHUTDOWN(Abi.ESHUTDOWN(), "cannot send after transport endpoint shutdown"),

    /** Too many references: cannot splice. */
    ETOOMANYREFS(Abi.ETOOMANYREFS(), "too many references: cannot splice"),

    /** Connection timed out. */
    ETIMEDOUT(Abi.ETIMEDOUT(), "connection timed out"),

    /** Connection refused. */
    ECONNREFUSED(Abi.ECONNREFUSED(), "connection refused"),

    /** Host is down. */
    EHOSTDOWN(Abi.EHOSTDOWN(), "host is down"),

    /** No route to host. */
    EHOSTUNREACH(Abi.EHOSTUNREACH(), "no route to host"),

    /** Operation already in progress. */
    EALREADY(Abi.EALREADY(), "operation already in progress"),

    /** Operation now in progress. */
    EINPROGRESS(Abi.EINPROGRESS(), "operation now in progress"),

    /** Stale file handle. */
    ESTALE(Abi.ESTALE(), "stale file handle"),

    /** Structure needs cleaning. */
    EUCLEAN(Abi.EUCLEAN(), "structure needs cleaning"),

    /** Not a XENIX named type file. */
    ENOTNAM(Abi.ENOTNAM(), "not a XENIX named type file"),

    /** No XENIX semaphores available. */
    ENAVAIL(Abi.ENAVAIL(), "no XENIX semaphores available"),

    /** Is a named type file. */
    EISNAM(Abi.EISNAM(), "is a named type file"),

    /** Remote I/O error. */
    EREMOTEIO(Abi.EREMOTEIO(), "remote I/O error"),

    /** Disk quota exceeded. */
    EDQUOT(Abi.EDQUOT(), "disk quota exceeded"),

    /** No medium found. */
    ENOMEDIUM(Abi.ENOMEDIUM(), "no medium found"),

    /** Wrong medium type. */
    EMEDIUMTYPE(Abi.EMEDIUMTYPE(), "wrong medium type"),

    /** Operation canceled. */
    ECANCELED(Abi.ECANCELED(), "operation canceled"),

    /** Required key not available. */
    ENOKEY(Abi.ENOKEY(), "required key not available"),

    /** Key has expired. */
    EKEYEXPIRED(Abi.EKEYEXPIRED(), "key has expired"),

    /** Key has been revoked. */
    EKEYREVOKED(Abi.EKEYREVOKED(), "key has been revoked"),

    /** Key was rejected by service. */
    EKEYREJECTED(Abi.EKEYREJECTED(), "key was rejected by service"),

    /** Owner died. */
    EOWNERDEAD(Abi.EOWNERDEAD(), "owner died"),

    /** State not recoverable. */
    ENOTRECOVERABLE(Abi.ENOTRECOVERABLE(), "state not recoverable"),

    /** Operation not possible due to RF-kill. */
    ERFKILL(Abi.ERFKILL(), "operation not possible due to RF-kill"),

    /** Memory page has hardware error. */
    EHWPOISON(Abi.EHWPOISON(), "memory page has hardware error");

    private static final Map<Integer, Errno> BY_NUMBER = new HashMap<>();

    static {
        for (Errno errno : values()) {
            BY_NUMBER.put(errno.number, errno);
        }
    }

    private final int number;
    private final String meaning;

    Errno(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /** {@return the positive number, as errno holds it} */
    public int number() {
        return number;
    }

    /** {@return what it means, in a few words} */
    public String meaning() {
        return meaning;
    }

    /**
     * Tells whether a completion's result is this error.
     *
     * @param result the result of a completion
     * @return true when it is minus this error's number
     */
    public boolean is(int result) {
        return result == -number;
    }

    /**
     * Finds an error by its number.
     *
     * @param number a positive error number, or a completion's negative result
     * @return the error, or null when Linux names none so
     */
    public static @Nullable Errno of(int number) {
        return BY_NUMBER.get(Math.abs(number));
    }

    /**
     * Names an error, whether or not it has a constant here.
     *
     * @param number a positive error number, or a completion's negative result
     * @return its name, or {@code errno N}
     */
    public static String nameOf(int number) {
        Errno errno = of(number);
        return errno == null ? "errno " + Math.abs(number) : errno.name();
    }
}
