/**
 * The raw ring: what liburing is to C. A {@link io.uring4j.Ring} is one descriptor and its mappings;
 * {@link io.uring4j.SubmissionQueue} hands out entries, {@link io.uring4j.Sqe} fills one,
 * {@link io.uring4j.CompletionQueue} reads what came back, and {@link io.uring4j.Capabilities} tells
 * what the kernel has. No method here allocates on the Java heap per operation, and none enters the
 * kernel without saying so.
 *
 * <p>The raw ring is the one place of the library where the lifetime of memory is the caller's: what
 * an entry points at must stay where it is until the completion that ends the operation.
 */
@NullMarked
package io.uring4j;

import org.jspecify.annotations.NullMarked;
