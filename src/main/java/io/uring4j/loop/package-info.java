/**
 * Event loops: a thread and a ring each, and operations that can be used by callback, by future, or by a call that
 * blocks a virtual thread. Memory, descriptors and user data are looked after until the kernel is done with them.
 */
@NullMarked
package io.uring4j.loop;

import org.jspecify.annotations.NullMarked;
