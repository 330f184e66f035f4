package io.uring4j;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which opcodes and register calls a test shows the real effect of. {@code docs/opcodes.md} lists the tests by it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Covers {

    /** The opcodes whose effect the test shows. */
    Opcode[] value() default {};

    /** The register calls whose effect the test shows. */
    RegisterOpcode[] register() default {};
}
