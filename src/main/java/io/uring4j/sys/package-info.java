/**
 * System calls with their errno, memory mappings and descriptors: all that the library asks of libc.
 * Nothing here knows of rings; a failure is a negative errno, as in the kernel, and the rooms above
 * turn it into an exception that can explain itself.
 */
@NullMarked
package io.uring4j.sys;

import org.jspecify.annotations.NullMarked;
