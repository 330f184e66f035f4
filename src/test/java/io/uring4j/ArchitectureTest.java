package io.uring4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The order of the rooms, and what of them can be seen from outside. */
class ArchitectureTest {
    private static final String ROOT = "io.uring4j";

    /** Each room may use those in the lines above its own. */
    private static final List<List<String>> ROOMS = List.of(
            List.of("abi"),
            List.of("sys"),
            List.of("root"),
            List.of("buffer", "file", "notify"),
            List.of("loop"),
            List.of("nio"),
            List.of("tool"));

    private static final Path LOCATION = location();
    private static final JavaClasses CLASSES = new ClassFileImporter().importPath(LOCATION);
    private static final Set<String> EXPORTED = exportedPackages();

    private static Path location() {
        try {
            URI uri = Ring.class.getProtectionDomain().getCodeSource().getLocation().toURI();
            return Path.of(uri);
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> exportedPackages() {
        return ModuleFinder.of(LOCATION).find(ROOT).orElseThrow().descriptor().exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    @Test
    void roomUsesOnlyRoomsAboveIt() {
        LayeredArchitecture rooms = layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
        for (String room : ROOMS.stream().flatMap(List::stream).toList()) {
            rooms = room.equals("root")
                    ? rooms.layer(room).definedBy(ROOT)
                    : rooms.layer(room).definedBy(ROOT + "." + room + "..");
        }
        for (int i = 0; i < ROOMS.size(); i++) {
            String[] above = ROOMS.subList(0, i).stream().flatMap(List::stream).toArray(String[]::new);
            for (String room : ROOMS.get(i)) {
                rooms = above.length == 0
                        ? rooms.whereLayer(room).mayNotAccessAnyLayer()
                        : rooms.whereLayer(room).mayOnlyAccessLayers(above);
            }
        }
        rooms.check(CLASSES);
    }

    @Test
    void everyClassIsInARoom() {
        String[] packages = Stream.concat(
                        Stream.of(ROOT),
                        ROOMS.stream().flatMap(List::stream).map(room -> ROOT + "." + room + ".."))
                .toArray(String[]::new);
        classes().should().resideInAnyPackage(packages).check(CLASSES);
    }

    @Test
    void onlyWhatUsersNeedIsExported() {
        classes()
                .that()
                .resideInAnyPackage(EXPORTED.toArray(String[]::new))
                .should()
                .resideOutsideOfPackages(ROOT + ".abi..", ROOT + ".sys..", ROOT + ".tool..")
                .check(CLASSES);
    }

    @Test
    void bindingsAppearInNoSignatureThatUsersSee() {
        classes()
                .that()
                .resideInAnyPackage(EXPORTED.toArray(String[]::new))
                .should(new ArchCondition<>("show nothing of packages that aren't exported") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        type.getMembers().stream()
                                .filter(ArchitectureTest::isVisible)
                                .flatMap(member -> typesOf(member)
                                        .filter(shown -> shown.getPackageName().startsWith(ROOT))
                                        .filter(shown -> !EXPORTED.contains(shown.getPackageName()))
                                        .map(shown -> member.getFullName() + " shows " + shown.getName()))
                                .forEach(problem -> events.add(SimpleConditionEvent.violated(type, problem)));
                    }
                })
                .check(CLASSES);
    }

    /** Of a class that isn't public too, since a public one may inherit it. */
    private static boolean isVisible(JavaMember member) {
        return member.getModifiers().contains(JavaModifier.PUBLIC)
                || member.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static Stream<JavaClass> typesOf(JavaMember member) {
        return switch (member) {
            case JavaField field -> field.getType().getAllInvolvedRawTypes().stream();
            case JavaCodeUnit unit -> Stream.of(
                            Stream.of(unit.getReturnType()),
                            unit.getParameterTypes().stream(),
                            unit.getExceptionTypes().stream())
                    .flatMap(types -> types)
                    .flatMap(shown -> shown.getAllInvolvedRawTypes().stream());
            default -> throw new AssertionError(member);
        };
    }

    @Test
    void namesSayWhatAClassIs() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".abi..")
                .should()
                .haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager|Impl)(\\$.*)?")
                .check(CLASSES);
    }
}
