/** The repeat sign at the head of the staff: where *da capo* sends the player back to. */
export const repeatSign = `<svg class="repeat" viewBox="0 0 26 25" width="26" height="25" aria-hidden="true" focusable="false"><rect width="5" height="25"/><rect x="8" width="1.5" height="25"/><circle cx="15.5" cy="9.5" r="2.25"/><circle cx="15.5" cy="15.5" r="2.25"/></svg>`;

/** The fermata, which tells the player to stay here for a while: it stands before what should be read twice. */
export const fermata = `<svg class="fermata" viewBox="0 0 28 18" width="28" height="18" aria-hidden="true" focusable="false"><path d="M1 16.5C1 7.5 6.8 1 14 1s13 6.5 13 15.5h-1.2C24.8 9.5 20 5 14 5S3.2 9.5 2.2 16.5Z"/><circle cx="14" cy="14" r="2.6"/></svg>`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 -1 26 27" fill="#75838f"><path d="M0 0h5v25H0zM8 0h1.5v25H8z"/><circle cx="15.5" cy="9.5" r="2.25"/><circle cx="15.5" cy="15.5" r="2.25"/></svg>`;

/** The repeat sign as the pages' icon, in the page itself, so that no browser asks for a /favicon.ico. */
export const iconUrl = `data:image/svg+xml,${encodeURIComponent(icon)}`;
