/** Files that a ring knows before an operation needs them: registered (fixed) files and direct descriptors. */
@NullMarked
package io.uring4j.file;

import org.jspecify.annotations.NullMarked;
