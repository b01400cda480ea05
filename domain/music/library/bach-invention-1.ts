/** Both voices of BWV 772, without the ornaments. */
export const bachInvention1 = `
title: Invention No. 1 in C major, BWV 772
composer: Johann Sebastian Bach
time: 4/4
key: C major
tempo: 72

part: Right hand
r:s C4:s D4:s E4:s F4:s D4:s E4:s C4:s G4:e C5:e B4:e C5:e |
D5:s G4:s A4:s B4:s C5:s A4:s B4:s G4:s D5:e G5:e F5:e G5:e |
E5:s A5:s G5:s F5:s E5:s G5:s F5:s A5:s G5:s F5:s E5:s D5:s C5:s E5:s D5:s F5:s |
E5:s D5:s C5:s B4:s A4:s C5:s B4:s D5:s C5:s B4:s A4:s G4:s F#4:s A4:s G4:s B4:s |
A4:e D4:e C5:e. D5:s B4:s A4:s G4:s F#4:s E4:s G4:s F#4:s A4:s |
G4:s B4:s A4:s C5:s B4:s D5:s C5:s E5:s D5:s B4:t C5:t D5:s G5:s B4:e A4:s G4:s |
G4:e r:e r:q r:s G4:s A4:s B4:s C5:s A4:s B4:s G4:s |
F#4:e r:e r:q r:s A4:s B4:s C5:s D5:s B4:s C5:s A4:s |
B4:e r:e r:q r:s D5:s C5:s B4:s A4:s C5:s B4:s D5:s |
C5:e r:e r:q r:s E5:s D5:s C5:s B4:s D5:s C#5:s E5:s | D5:e C#5:e D5:e E5:e F5:e A4:e B4:e C#5:e |
D5:e F#4:e G#4:e A4:e B4:e C5:e D5:q~ |
D5:s E4:s F#4:s G#4:s A4:s F#4:s G#4:s E4:s E5:s D5:s C5:s E5:s D5:s C5:s B4:s D5:s |
C5:s A5:s G#5:s B5:s A5:s E5:s F5:s D5:s G#4:s F5:s E5:s D5:s C5:e B4:s A4:s |
A4:s A5:s G5:s F5:s E5:s G5:s F5:s A5:s G5:h~ | G5:s E5:s F5:s G5:s A5:s F5:s G5:s E5:s F5:h~ |
F5:s G5:s F5:s E5:s D5:s F5:s E5:s G5:s F5:h~ | F5:s D5:s E5:s F5:s G5:s E5:s F5:s D5:s E5:h~ |
E5:s C5:s D5:s E5:s F5:s D5:s E5:s C5:s D5:s E5:s F5:s G5:s A5:s F5:s G5:s E5:s |
F5:s G5:s A5:s B5:s C6:s A5:s B5:s G5:s C6:e G5:e E5:e D5:s C5:s |
C5:s Bb4:s A4:s G4:s F4:s A4:s G4:s Bb4:s A4:s B4:s C5:s E4:s D4:s C5:s F4:s B4:s | [E4 G4 C5]:w |

part: Left hand
r:h r:s C3:s D3:s E3:s F3:s D3:s E3:s C3:s | G3:e G2:e r:q r:s G3:s A3:s B3:s C4:s A3:s B3:s G3:s |
C4:e B3:e C4:e D4:e E4:e G3:e A3:e B3:e | C4:e E3:e F#3:e G3:e A3:e B3:e C4:q~ |
C4:s D3:s E3:s F#3:s G3:s E3:s F#3:s D3:s G3:e B2:e C3:e D3:e |
E3:e F#3:e G3:e E3:e B2:e. C3:s D3:e D2:e |
r:s G2:s A2:s B2:s C3:s A2:s B2:s G2:s D3:e G3:e F#3:e G3:e |
A3:s D3:s E3:s F#3:s G3:s E3:s F#3:s D3:s A3:e D4:e C4:e D4:e |
G3:s G4:s F4:s E4:s D4:s F4:s E4:s G4:s F4:e E4:e F4:e D4:e |
E4:s A4:s G4:s F4:s E4:s G4:s F4:s A4:s G4:e F4:e G4:e E4:e |
F4:s Bb4:s A4:s G4:s F4:s A4:s G4:s Bb4:s A4:s G4:s F4:s E4:s D4:s F4:s E4:s G4:s |
F4:s E4:s D4:s C4:s B3:s D4:s C4:s E4:s D4:s C4:s B3:s A3:s G#3:s B3:s A3:s C4:s |
B3:e E3:e D4:e. E4:s C4:s B3:s A3:s G3:s F#3:s A3:s G#3:s B3:s |
A3:s C4:s B3:s D4:s C4:s E4:s D4:s F4:s E4:e A3:e E4:e E3:e |
A3:e A2:e r:q r:s E4:s D4:s C4:s B3:s D4:s C#4:s E4:s | D4:h~ D4:s A3:s B3:s C4:s D4:s B3:s C4:s A3:s |
B3:h~ B3:s D4:s C4:s B3:s A3:s C4:s B3:s D4:s | C4:h~ C4:s G3:s A3:s Bb3:s C4:s A3:s Bb3:s G3:s |
A3:e Bb3:e A3:e G3:e F3:e D4:e C4:e Bb3:e |
A3:e F4:e E4:e D4:e E4:s D3:s E3:s F3:s G3:s E3:s F3:s D3:s |
E3:e C3:e D3:e E3:e F3:s D3:s E3:s F3:s G3:e G2:e | [C2 C3]:w |
`;
