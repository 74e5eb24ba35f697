// commons-email: SimpleEmail, whose EmailException has CommonsEmail's as its cause.
import com.sun.mail.smtp.SMTPAddressFailedException;
import com.sun.mail.smtp.SMTPSendFailedException;
import com.sun.mail.smtp.SMTPSenderFailedException;
import com.sun.mail.util.MailConnectException;
import javax.mail.MessagingException;
import org.apache.commons.mail.EmailException;
import org.apache.commons.mail.SimpleEmail;

public final class CommonsEmail {
  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.trim().toCharArray()) {
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    return out.append('"').toString();
  }

  static void report(String outcome, int code, String told) {
    System.out.println("{\"outcome\": \"" + outcome + "\", \"code\": " + (code > 0 ? code : "null") + ", \"told\": " + quoted(told) + "}");
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  // The exceptions of a failure hang together in two ways.
  static int codeOf(Throwable error) {
    for (Throwable one = error; one != null; one = one instanceof MessagingException ? ((MessagingException) one).getNextException() : one.getCause()) {
      if (one instanceof SMTPAddressFailedException) return ((SMTPAddressFailedException) one).getReturnCode();
      if (one instanceof SMTPSenderFailedException) return ((SMTPSenderFailedException) one).getReturnCode();
      if (one instanceof SMTPSendFailedException && ((SMTPSendFailedException) one).getReturnCode() >= 400)
        return ((SMTPSendFailedException) one).getReturnCode();
    }
    return 0;
  }

  static boolean has(Throwable error, Class<?> kind) {
    for (Throwable one = error; one != null; one = one.getCause()) if (kind.isInstance(one)) return true;
    return error instanceof MessagingException && ((MessagingException) error).getNextException() != null
        && has(((MessagingException) error).getNextException(), kind);
  }

  public static void main(String[] arguments) throws Exception {
    String seconds = System.getenv().getOrDefault("MALAPOSTA_CLIENT_TIME_OUT", "40");
    int size = 200;
    for (int i = 4; i < arguments.length; ++i) {
      if (arguments[i].startsWith("--body-size=")) size = Integer.parseInt(arguments[i].substring(12));
      else if (arguments[i].equals("--body-size")) size = Integer.parseInt(arguments[i + 1]);
    }
    SimpleEmail email = new SimpleEmail();
    email.setHostName(arguments[0]);
    email.setSmtpPort(Integer.parseInt(arguments[1]));
    email.setSocketTimeout(Integer.parseInt(seconds) * 1000);
    email.setSocketConnectionTimeout(Integer.parseInt(seconds) * 1000);
    System.setProperty("mail.smtp.localhost", "client.example.test");
    email.setFrom(arguments[2]);
    email.addTo(arguments[3]);
    email.setSubject("A message from a real client");
    String line = "This line is one of many which together have the wanted size.\r\n";
    email.setMsg(line.repeat(size / line.length() + 1));
    try {
      email.send();
      report("delivered", 0, "");
    } catch (EmailException wrapped) {
      Throwable error = wrapped.getCause() == null ? wrapped : wrapped.getCause();
      int code = codeOf(error);
      String outcome = code / 100 == 4 ? "temporary" : code / 100 == 5 ? "permanent"
          : has(error, java.net.SocketTimeoutException.class) ? "timeout"
          : error instanceof MailConnectException ? "connect-failed" : "error";
      report(outcome, code, error.toString());
    }
  }
}
