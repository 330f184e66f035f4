package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What a guest left behind.
 *
 * @param release its kernel's {@code uname -r}; empty when it didn't get to its end
 * @param status how its run ended; -1 when it didn't get to its end
 * @param seconds how long it was up
 * @param tests what became of each test; empty when there is no report
 * @param facts the lines of {@link GuestFacts}
 * @param benchmarks what {@link GuestBenchmarks} measured: microseconds by row and variant, as {@code nop|best}
 * @param diagnoses what {@link GuestDiagnosis} said under which restriction; nothing where the kernel lacks it
 * @param log the end of its output, for a person
 */
record GuestResult(
        String release,
        int status,
        double seconds,
        List<Test> tests,
        List<String> facts,
        Map<String, Double> benchmarks,
        Map<String, Diagnosis> diagnoses,
        String log) {
    private static final String DIAGNOSIS = "results/diagnosis-";

    private static final int LOG_TAIL = 6000;

    enum Outcome {
        PASSED,
        SKIPPED,
        FAILED
    }

    /**
     * What became of a test.
     *
     * @param className its class
     * @param name its display name, with those of the groups that it is in
     * @param outcome whether it passed
     * @param message why it was skipped or failed
     * @param text the stack of a failure
     */
    record Test(String className, String name, Outcome outcome, String message, String text) {}

    static GuestResult read(Path folder) throws IOException {
        Map<String, byte[]> members = members(folder.resolve("results.tar"));
        for (Map.Entry<String, byte[]> member : members.entrySet()) {
            Files.write(folder.resolve(Path.of(member.getKey()).getFileName()), member.getValue());
        }
        Properties finished = new Properties();
        finished.load(new ByteArrayInputStream(members.getOrDefault("finished", new byte[0])));
        List<Test> tests = new ArrayList<>();
        for (Map.Entry<String, byte[]> member : members.entrySet()) {
            if (member.getKey().matches("results/tests-\\d+\\.xml")) {
                tests.addAll(parse(member.getValue()));
            }
        }
        return new GuestResult(
                finished.getProperty("uname", ""),
                Integer.parseInt(finished.getProperty("status", "-1")),
                Double.parseDouble(finished.getProperty("seconds", "0")),
                tests,
                new String(members.getOrDefault("results/facts", new byte[0]), StandardCharsets.UTF_8)
                        .lines()
                        .toList(),
                benchmarks(members.getOrDefault("results/benchmarks", new byte[0])),
                diagnoses(members),
                log(folder, members.getOrDefault("results/output.log", new byte[0])));
    }

    long count(Outcome outcome) {
        return tests.stream().filter(test -> test.outcome() == outcome).count();
    }

    /** Whether its kernel has a capability, by its name. */
    boolean has(String capability) {
        return facts.stream().anyMatch(fact -> fact.contains("|" + capability + "|") && fact.endsWith("|true"));
    }

    /** Throws unless the guest got to its end, and was that kernel. */
    void requireEndOn(Kernel kernel) {
        assertThat(status).as("status of the guest's run; " + log).isZero();
        assertThat(release).as("the guest's kernel").matches(kernel::isRelease);
    }

    /** Throws unless so many tests passed. */
    void requireAtLeast(int floor) {
        assertThat(count(Outcome.PASSED)).as("tests that passed; " + log).isGreaterThanOrEqualTo(floor);
    }

    /** A guest that died left an empty disk, or the beginning of a tar. */
    private static Map<String, byte[]> members(Path tar) throws IOException {
        Map<String, byte[]> members = new TreeMap<>();
        if (!Files.exists(tar)) {
            return members;
        }
        try (InputStream in = Files.newInputStream(tar);
                TarArchiveInputStream archive = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                if (entry.isFile()) {
                    members.put(entry.getName(), archive.readAllBytes());
                }
            }
        } catch (IOException e) {
            members.remove("finished");
        }
        return members;
    }

    private static Map<String, Double> benchmarks(byte[] lines) {
        Map<String, Double> benchmarks = new LinkedHashMap<>();
        new String(lines, StandardCharsets.UTF_8).lines().forEach(line -> {
            int end = line.lastIndexOf('|');
            benchmarks.put(line.substring(0, end), Double.valueOf(line.substring(end + 1)));
        });
        return benchmarks;
    }

    /** Each is the output, and a last line with the exit status. */
    private static Map<String, Diagnosis> diagnoses(Map<String, byte[]> members) {
        Map<String, Diagnosis> diagnoses = new TreeMap<>();
        members.forEach((name, content) -> {
            if (name.startsWith(DIAGNOSIS)) {
                String text = new String(content, StandardCharsets.UTF_8).strip();
                int end = text.lastIndexOf('\n') + 1;
                int status = text.isEmpty() ? -1 : Integer.parseInt(text.substring(end));
                diagnoses.put(name.substring(DIAGNOSIS.length()), new Diagnosis(text.substring(0, end), status));
            }
        });
        return diagnoses;
    }

    private static List<Test> parse(byte[] xml) throws IOException {
        try {
            NodeList cases = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(xml))
                    .getElementsByTagName("testcase");
            List<Test> tests = new ArrayList<>();
            for (int i = 0; i < cases.getLength(); i++) {
                tests.add(test((Element) cases.item(i)));
            }
            return tests;
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("the guest's report can't be read", e);
        }
    }

    private static Test test(Element element) {
        String className = element.getAttribute("classname");
        String name = element.getAttribute("name");
        Element child = (Element) element.getElementsByTagName("*").item(0);
        if (child != null) {
            Outcome outcome = child.getTagName().equals("skipped") ? Outcome.SKIPPED : Outcome.FAILED;
            return new Test(className, name, outcome, child.getAttribute("message"), child.getTextContent());
        }
        return new Test(className, name, Outcome.PASSED, "", "");
    }

    private static String log(Path folder, byte[] output) throws IOException {
        StringBuilder log = new StringBuilder(new String(output, StandardCharsets.UTF_8));
        for (String name : List.of("console.log", "qemu.log", "boot.log")) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                log.append("--- ").append(name).append('\n');
                log.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return log.substring(Math.max(0, log.length() - LOG_TAIL));
    }
}
