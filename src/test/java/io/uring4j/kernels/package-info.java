/**
 * Runs the other tests on other kernels: {@code ci/kernels/README.md} tells how. {@link io.uring4j.kernels.KernelMatrixTest}
 * is where it starts; the classes whose names begin with {@code Guest} run inside the guests.
 */
package io.uring4j.kernels;
