/**
 * The command line of the jar: {@code java -jar uring4j.jar doctor}. {@link io.uring4j.tool.Main} runs it,
 * {@code Doctor} examines the machine, {@code Diagnosis} holds what it found, and {@code TextReport} and
 * {@code JsonReport} tell it.
 */
@NullMarked
package io.uring4j.tool;

import org.jspecify.annotations.NullMarked;
