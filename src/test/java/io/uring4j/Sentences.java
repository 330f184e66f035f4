package io.uring4j;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayNameGenerator;

/** Shows the name of a test method as the sentence that it is: {@code nothingIsLost} as "nothing is lost". */
final class Sentences extends DisplayNameGenerator.Standard {
    @Override
    public String generateDisplayNameForMethod(
            List<Class<?>> enclosingInstanceTypes, Class<?> testClass, Method testMethod) {
        return sentence(testMethod.getName());
    }

    static String sentence(String camelCase) {
        return camelCase.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z]A)(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
