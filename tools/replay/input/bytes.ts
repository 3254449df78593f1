export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const OPEN = 0x7b;
export const CLOSE = 0x7d;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;

/** White space within a line. */
export const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === RETURN;
