/** From the motet BWV 227; the repeat of the first six measures is not written out. */
export const bachChorale = `
title: Jesu, meine Freude, BWV 227/1
composer: Johann Sebastian Bach
time: 4/4
key: E minor
tempo: 72

part: Soprano
B4:q B4:q A4:q G4:q | F#4:h E4:h | B4:q C#5:q D5:q B4:q | E5:h D#5:h | E5:e F#5:e G5:q F#5:q. F#5:e |
E5:w | B4:q B4:q C5:q B4:q | A4:q. A4:e G4:h | B4:q C#5:q D5:q B4:q | E5:q D5:e C#5:e C#5:h |
B4:h B4:q B4:q | A4:q G4:e F#4:e F#4:h | E4:w |

part: Alto
G4:q F#4:q E4:e D#4:e E4:q | E4:q D#4:q B3:h | G4:e F#4:e E4:q D4:q D4:q | G4:e A4:e B4:q B4:h |
G4:e A4:e B4:q B4:q. A4:e | G4:w | G4:q G4:q A4:q G4:q | G4:q F#4:q D4:h | G4:q G4:q A4:q G4:e A4:e |
B4:q B4:q B4:q A#4:q | F#4:h G4:q F#4:q | E4:q E4:q E4:q D#4:q | B3:w |

part: Tenor
E4:q B3:q C4:e F#3:e G3:q | C4:q B3:e A3:e G3:h | E4:e D4:e C#4:e B3:e A3:q G3:e A3:e |
B3:q G4:q F#4:h | E4:q E4:q E4:q D#4:q | B3:w | E4:q D4:q D4:q D4:q | E4:q D4:e C4:e B3:h |
D4:q E4:q D4:q D4:q | G4:q F#4:q G4:q F#4:e E4:e | D#4:h E4:q F#4:e G4:e |
A4:e A3:e B3:q C4:q B3:e A3:e | G#3:w |

part: Bass
E3:q D3:q C3:q. B2:e | A2:q B2:q E3:h | E3:q A3:e G3:e F#3:q G3:e F#3:e | E3:e F#3:e G3:e A3:e B3:h |
C4:q B3:e A3:e B3:q B2:q | E3:w | E3:e F#3:e G3:q F#3:q G3:q | C3:q D3:q G2:h |
G3:q F#3:e E3:e F#3:q G3:e F#3:e | E3:q B2:q E3:q F#3:q | B2:h E3:q D3:q | C3:q B2:q A2:q B2:q | E3:w |
`;
