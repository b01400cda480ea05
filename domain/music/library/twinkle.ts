/** The theme of the French song that Mozart wrote variations on. */
export const twinkle = `
title: Twinkle, Twinkle, Little Star
composer: Traditional
time: 4/4
key: C major
tempo: 100

part: Melody
C4:q C4:q G4:q G4:q | A4:q A4:q G4:h | F4:q F4:q E4:q E4:q | D4:q D4:q C4:h | G4:q G4:q F4:q F4:q |
E4:q E4:q D4:h | G4:q G4:q F4:q F4:q | E4:q E4:q D4:h | C4:q C4:q G4:q G4:q | A4:q A4:q G4:h |
F4:q F4:q E4:q E4:q | D4:q D4:q C4:h |
`;
