package io.uring4j.bench.echo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;

/** The client that all servers have: echo.c, in a process of its own. */
final class EchoClient implements AutoCloseable {
    private final Process process;
    private final BufferedReader reports;
    private final BufferedWriter orders;

    EchoClient(String program, int port, int connections, int bytes) throws IOException {
        process = new ProcessBuilder(
                        program,
                        "role=client",
                        "port=" + port,
                        "server=" + ProcessHandle.current().pid(),
                        "connections=" + connections,
                        "bytes=" + bytes)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        reports = process.inputReader();
        orders = process.outputWriter();
    }

    /** Asks for so long, and notes what came out. */
    void ask(long millis, EchoBenchmark.Report report) throws IOException {
        orders.write(millis + "\n");
        orders.flush();
        for (String line; (line = reports.readLine()) != null; ) {
            if (line.equals("end")) {
                return;
            }
            int sign = line.indexOf('=');
            report.note(line.substring(0, sign), Double.parseDouble(line.substring(sign + 1)));
        }
        throw new IOException("the client has ended");
    }

    @Override
    public void close() throws IOException {
        orders.close();
        process.destroy();
    }
}
