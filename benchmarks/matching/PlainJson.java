import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON that Python writes, one value a line: objects, arrays, strings, numbers (as doubles), true, false, null. */
final class PlainJson {
    private final String text;
    private int at;

    private PlainJson(String text) {
        this.text = text;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String line) {
        return (Map<String, Object>) new PlainJson(line).value();
    }

    private Object value() {
        skip();
        char sign = text.charAt(at);
        if (sign == '{') {
            return map();
        }
        if (sign == '[') {
            return list();
        }
        if (sign == '"') {
            return string();
        }
        for (Map.Entry<String, Object> word : Map.<String, Object>of("true", true, "false", false).entrySet()) {
            if (text.startsWith(word.getKey(), at)) {
                at += word.getKey().length();
                return word.getValue();
            }
        }
        if (text.startsWith("null", at)) {
            at += 4;
            return null;
        }
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return Double.parseDouble(text.substring(start, at));
    }

    private Map<String, Object> map() {
        Map<String, Object> found = new LinkedHashMap<>();
        for (at++, skip(); text.charAt(at) != '}'; skip()) {
            String key = string();
            skip();
            at++;
            found.put(key, value());
            comma();
        }
        at++;
        return found;
    }

    private List<Object> list() {
        List<Object> found = new ArrayList<>();
        for (at++, skip(); text.charAt(at) != ']'; skip()) {
            found.add(value());
            comma();
        }
        at++;
        return found;
    }

    private void comma() {
        skip();
        if (text.charAt(at) == ',') {
            at++;
        }
    }

    private String string() {
        StringBuilder found = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
            char sign = text.charAt(at);
            if (sign != '\\') {
                found.append(sign);
                continue;
            }
            char escaped = text.charAt(++at);
            switch (escaped) {
                case 'n' -> found.append('\n');
                case 't' -> found.append('\t');
                case 'r' -> found.append('\r');
                case 'b' -> found.append('\b');
                case 'f' -> found.append('\f');
                case 'u' -> {
                    found.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                }
                default -> found.append(escaped);
            }
        }
        at++;
        return found.toString();
    }

    private void skip() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }
}
