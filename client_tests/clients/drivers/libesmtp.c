/* libesmtp: one message, with the library's own transfer status of each part. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libesmtp.h>

static char *content;
static size_t content_size;

static const char *read_content(void **state, int *length, void *argument) {
  size_t *at = *state;
  (void)argument;
  if (at == NULL) *state = at = calloc(1, sizeof *at);
  if (length == NULL) {
    *at = 0;
    return NULL;
  }
  size_t left = content_size - *at;
  if (left > 8192) left = 8192;
  *length = (int)left;
  const char *piece = content + *at;
  *at += left;
  return left > 0 ? piece : NULL;
}

static void report(const char *outcome, int code, const char *told) {
  printf("{\"outcome\": \"%s\", \"code\": ", outcome);
  if (code > 0) printf("%d", code); else printf("null");
  printf(", \"told\": \"");
  for (; told != NULL && *told != '\0'; ++told)
    if (*told == '"' || *told == '\\') printf("\\%c", *told);
    else if ((unsigned char)*told >= 0x20) putchar(*told);
  printf("\"}\n");
  exit(0);
}

static void refused(smtp_recipient_t recipient, const char *mailbox, void *argument) {
  const smtp_status_t *status = smtp_recipient_status(recipient);
  (void)mailbox;
  if (status->code / 100 >= 4) *(const smtp_status_t **)argument = status;
}

int main(int count, char **arguments) {
  size_t size = 200;
  for (int i = 5; i < count; ++i)
    if (strncmp(arguments[i], "--body-size=", 12) == 0) size = strtoul(arguments[i] + 12, NULL, 10);
    else if (strcmp(arguments[i], "--body-size") == 0) size = strtoul(arguments[i + 1], NULL, 10);
  const char *seconds = getenv("MALAPOSTA_CLIENT_TIME_OUT");
  const long time_out = seconds != NULL ? strtol(seconds, NULL, 10) : 40;
  const char *line = "This line is one of many which together have the wanted size.\r\n";
  content = malloc(size + 1024);
  content_size = (size_t)sprintf(content, "Subject: A message from a real client\r\n\r\n");
  while (content_size < size + 128) content_size += (size_t)sprintf(content + content_size, "%s", line);
  signal(SIGPIPE, SIG_IGN);

  char server[256];
  snprintf(server, sizeof server, "%s:%s", arguments[1], arguments[2]);
  smtp_session_t session = smtp_create_session();
  smtp_message_t message = smtp_add_message(session);
  smtp_set_server(session, server);
  smtp_set_hostname(session, "client.example.test");
  for (int which = Timeout_GREETING; which <= Timeout_DATA2; ++which) smtp_set_timeout(session, which | Timeout_OVERRIDE_RFC2822_MINIMUM, (time_out > 0 ? time_out : 1) * 1000);
  smtp_set_reverse_path(message, arguments[3]);
  smtp_set_messagecb(message, read_content, NULL);
  smtp_add_recipient(message, arguments[4]);

  const time_t begun = time(NULL);
  char words[512] = "";
  if (!smtp_start_session(session)) {
    const int error = smtp_errno();
    smtp_strerror(error, words, sizeof words);
    if (time(NULL) - begun >= time_out) report("timeout", 0, words);
    report(strstr(words, "refused") != NULL ? "connect-failed" : "error", 0, words);
  }
  const smtp_status_t *status = smtp_message_transfer_status(message);
  const smtp_status_t *bad = status->code / 100 == 2 ? NULL : status;
  smtp_enumerate_recipients(message, refused, &bad);
  if (bad == NULL) report("delivered", 0, "");
  if (time(NULL) - begun >= time_out && bad->code / 100 < 4) report("timeout", 0, bad->text);
  report(bad->code / 100 == 4 ? "temporary" : bad->code / 100 == 5 ? "permanent" : "error", bad->code / 100 >= 4 ? bad->code : 0, bad->text);
}
