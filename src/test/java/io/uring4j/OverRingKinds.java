package io.uring4j;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * Runs a test method, whose parameter is a {@link RingKind}, once for each kind:
 *
 * <pre>{@code
 * @OverRingKinds
 * void userDataComesBack(RingKind kind) throws IOException {
 *     try (Ring ring = kind.open(8)) {
 * }</pre>
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@ArgumentsSource(OverRingKinds.Kinds.class)
@interface OverRingKinds {
    /** Kinds to which the behaviour doesn't apply. */
    RingKind[] except() default {};

    /** Supplies the kinds. */
    final class Kinds implements ArgumentsProvider, AnnotationConsumer<OverRingKinds> {
        private final Set<RingKind> kinds = EnumSet.allOf(RingKind.class);

        @Override
        public void accept(OverRingKinds annotation) {
            kinds.removeAll(List.of(annotation.except()));
        }

        @Override
        public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
            return kinds.stream().map(Arguments::of);
        }
    }
}
