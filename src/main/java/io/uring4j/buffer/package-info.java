/**
 * Memory that the kernel knows before an operation needs it: registered (fixed) buffers, and rings of
 * provided buffers from which the kernel picks.
 */
@NullMarked
package io.uring4j.buffer;

import org.jspecify.annotations.NullMarked;
