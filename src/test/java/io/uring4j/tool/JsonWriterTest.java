package io.uring4j.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
    @Test
    void membersStandOnTheirOwnLinesAndElementsOnOne() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("number", 1);
        tree.put("absent", null);
        tree.put("inner", Map.of("truth", true));
        tree.put("list", List.of(Map.of("name", "a")));
        tree.put("pairs", List.of(List.of(1L, -2L), List.of()));
        tree.put("none", List.of());
        tree.put("nothing", Map.of());
        assertThat(JsonWriter.write(tree))
                .isEqualTo(
                        """
                        {
                          "number": 1,
                          "absent": null,
                          "inner": {
                            "truth": true
                          },
                          "list": [
                            {"name": "a"}
                          ],
                          "pairs": [
                            [1, -2],
                            []
                          ],
                          "none": [],
                          "nothing": {}
                        }
                        """);
    }

    @Test
    void whatJsonReservesIsEscapedAndComesBack() {
        String nasty =
                "quote \" backslash \\ line\nreturn\rtab\tnull\u0000 del\u007f umlaut \u00e4"
                        + " pair \ud83d\ude00 lone \ud83d";
        String json = JsonWriter.write(Map.of(nasty, nasty));
        assertThat(json.chars()).allMatch(c -> c == '\n' || c >= ' ' && c <= '~');
        assertThat(JsonText.object(json)).isEqualTo(Map.of(nasty, nasty));
    }

    @Test
    void nullsInListsAreWritten() {
        assertThat(JsonWriter.write(Arrays.asList(null, false))).isEqualTo("[\n  null,\n  false\n]\n");
    }

    @Test
    void whatHasNoJsonIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonWriter.write(List.of(1.5)));
    }
}
