package malaposta;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON: objects as {@code Map<String, Object>}, arrays as {@code List<Object>}, numbers as {@code Double}. */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /** @throws IllegalArgumentException when the text is no JSON; says at which character */
  static Object parse(String text) {
    Json json = new Json(text);
    Object value = json.value();
    json.skipBlanks();
    if (json.at != text.length()) throw json.unexpected();
    return value;
  }

  /** The text as a JSON string, with its quotes. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') quoted.append('\\').append(c);
      else if (c < ' ') quoted.append(String.format("\\u%04x", (int) c));
      else quoted.append(c);
    }
    return quoted.append('"').toString();
  }

  private Object value() {
    skipBlanks();
    if (at == text.length()) throw unexpected();
    char c = text.charAt(at);
    if (c == '{') return object();
    if (c == '[') return array();
    if (c == '"') return string();
    if (take("true")) return true;
    if (take("false")) return false;
    if (take("null")) return null;
    return number();
  }

  private Map<String, Object> object() {
    Map<String, Object> members = new LinkedHashMap<>();
    at++;
    while (!closed('}', members.isEmpty())) {
      skipBlanks();
      if (at == text.length() || text.charAt(at) != '"') throw unexpected();
      String key = string();
      skipBlanks();
      if (!take(":")) throw unexpected();
      members.put(key, value());
    }
    return members;
  }

  private List<Object> array() {
    List<Object> elements = new ArrayList<>();
    at++;
    while (!closed(']', elements.isEmpty())) elements.add(value());
    return elements;
  }

  /** Takes the end, or the comma that stands before every element but the first. */
  private boolean closed(char end, boolean first) {
    skipBlanks();
    if (take(String.valueOf(end))) return true;
    if (!first && !take(",")) throw unexpected();
    return false;
  }

  private String string() {
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return value.toString();
      }
      if (c == '\\' && at + 1 < text.length()) {
        c = text.charAt(++at);
        int escape = "bfnrt".indexOf(c);
        if (escape >= 0) c = "\b\f\n\r\t".charAt(escape);
        else if (c == 'u' && at + 4 < text.length()) {
          c = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
          at += 4;
        }
      }
      value.append(c);
    }
    throw unexpected();
  }

  private Double number() {
    int begin = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
    if (begin == at) throw unexpected();
    return Double.valueOf(text.substring(begin, at));
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++;
  }

  private boolean take(String word) {
    if (!text.startsWith(word, at)) return false;
    at += word.length();
    return true;
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException("no JSON at character " + at + ": " + text);
  }
}
