/** Telling a program that completions are ready: eventfds and their registration with a ring. */
@NullMarked
package io.uring4j.notify;

import org.jspecify.annotations.NullMarked;
