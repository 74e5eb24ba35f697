// JavaMail: Transport.send with the time-outs that its documentation names.
import com.sun.mail.smtp.SMTPAddressFailedException;
import com.sun.mail.smtp.SMTPSendFailedException;
import com.sun.mail.smtp.SMTPSenderFailedException;
import com.sun.mail.util.MailConnectException;
import java.util.Date;
import java.util.Properties;
import javax.mail.Message;
import javax.mail.MessagingException;
import javax.mail.Session;
import javax.mail.Transport;
import javax.mail.internet.InternetAddress;
import javax.mail.internet.MimeMessage;

public final class JavaMail {
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
    Properties settings = new Properties();
    settings.put("mail.smtp.host", arguments[0]);
    settings.put("mail.smtp.port", arguments[1]);
    settings.put("mail.smtp.localhost", "client.example.test");
    for (String name : new String[] {"connectiontimeout", "timeout", "writetimeout"}) settings.put("mail.smtp." + name, seconds + "000");
    MimeMessage message = new MimeMessage(Session.getInstance(settings));
    message.setFrom(new InternetAddress(arguments[2]));
    message.setRecipient(Message.RecipientType.TO, new InternetAddress(arguments[3]));
    message.setSubject("A message from a real client");
    message.setSentDate(new Date());
    String line = "This line is one of many which together have the wanted size.\r\n";
    message.setText(line.repeat(size / line.length() + 1));
    try {
      Transport.send(message);
      report("delivered", 0, "");
    } catch (MessagingException error) {
      int code = codeOf(error);
      String outcome = code / 100 == 4 ? "temporary" : code / 100 == 5 ? "permanent"
          : has(error, java.net.SocketTimeoutException.class) ? "timeout"
          : error instanceof MailConnectException ? "connect-failed" : "error";
      report(outcome, code, error.toString());
    }
  }
}
