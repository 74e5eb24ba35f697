// Server-sent events out of text that comes in pieces (HTML, section 9.2.6).

export interface Told {
  name: string;
  data: string;
}

const kLongestFrame = 4 * 1024 * 1024;  // characters; an event is at most some kilobytes

// `last` is the id of the last event.
export class Frames {
  last = '';
  private rest = '';

  push(text: string): Told[] {
    this.rest += text;
    const told: Told[] = [];
    let end: number;
    while ((end = this.rest.indexOf('\n\n')) >= 0) {
      const frame = this.read(this.rest.slice(0, end));
      this.rest = this.rest.slice(end + 2);
      if (frame) told.push(frame);
    }
    if (this.rest.length > kLongestFrame) throw new Error('an event without an end');
    return told;
  }

  cut(): void {
    this.rest = '';
  }

  private read(text: string): Told | undefined {
    let name = 'message';
    let data: string | undefined;
    for (const line of text.split('\n')) {
      const colon = line.indexOf(':');
      if (colon <= 0) continue;  // a comment
      const value = line.slice(colon + 1).replace(/^ /, '');
      const field = line.slice(0, colon);
      if (field === 'event') name = value;
      if (field === 'id') this.last = value;
      if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    }
    return data === undefined ? undefined : { name, data };
  }
}

